/// Whether a session looks at many grids or collects from few: it decides what comes first.
public enum RunMode: String, Sendable, Codable, CaseIterable {
    case screening, dataCollection
}

/// How many, how far, which defocus: what the operator sets once for the grids of a session.
public struct GridSettings: Hashable, Sendable, Codable {
    public var mode: RunMode = .screening
    /// As the session begins; `SessionState.plan` is what counts from then on.
    public var plan = SessionPlan.screenEachGrid
    /// Montage pieces of the atlas along each side.
    public var atlasTiles: Int = 3
    /// Squares picked by the program on each grid.
    public var squaresPerGrid: Int = 3
    /// Holes picked by the program in each square.
    public var holesPerSquare: Int = 3
    /// High-mag exposures in each hole, spread by image shift.
    public var exposuresPerHole: Int = 1
    /// The farthest image shift from the place where the stage stands.
    public var imageShiftLimit: Length = .micrometres(4)
    /// The under-focus series, µm, negative: from the weakest to the strongest in steps.
    public var defocus = DefocusRange()
    /// Focus is measured again only farther than this from where it was measured last; 0 measures wherever the recipe says.
    public var focusDistance: Length = .zero
    /// Degrees. Maps are made with the stage level, exposures at this angle.
    public var tiltAngle: Double = 0
    public var movie = MovieSettings()
    /// The specimen counts as still below this drift, Å/s.
    public var driftLimit: Double = 1.5
    /// Waits for the drift to settle at most this long, seconds, then records with a warning.
    public var driftTimeout: Double = 60
    /// A CTF that fits worse than this is marked, Å.
    public var fitLimit: Double = 6
    /// Bytes kept free on every disk that the session writes to.
    public var diskReserve: Int = 50_000_000_000

    public init() {}
}

extension GridSettings {
    /// A session that was stored before a setting existed gets its default.
    public init(from decoder: any Decoder) throws {
        self.init()
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        mode = try fields.decode(RunMode.self, forKey: .mode)
        plan = try fields.decodeIfPresent(SessionPlan.self, forKey: .plan) ?? plan
        atlasTiles = try fields.decode(Int.self, forKey: .atlasTiles)
        squaresPerGrid = try fields.decode(Int.self, forKey: .squaresPerGrid)
        holesPerSquare = try fields.decode(Int.self, forKey: .holesPerSquare)
        exposuresPerHole = try fields.decode(Int.self, forKey: .exposuresPerHole)
        imageShiftLimit = try fields.decode(Length.self, forKey: .imageShiftLimit)
        defocus = try fields.decode(DefocusRange.self, forKey: .defocus)
        focusDistance = try fields.decodeIfPresent(Length.self, forKey: .focusDistance) ?? focusDistance
        tiltAngle = try fields.decode(Double.self, forKey: .tiltAngle)
        movie = try fields.decode(MovieSettings.self, forKey: .movie)
        driftLimit = try fields.decode(Double.self, forKey: .driftLimit)
        driftTimeout = try fields.decode(Double.self, forKey: .driftTimeout)
        fitLimit = try fields.decode(Double.self, forKey: .fitLimit)
        diskReserve = try fields.decode(Int.self, forKey: .diskReserve)
    }
}

/// A series of defocus values, µm, negative under focus.
public struct DefocusRange: Hashable, Sendable, Codable {
    public var weakest: Length = .micrometres(-1.0)
    public var strongest: Length = .micrometres(-2.0)
    public var step: Length = .micrometres(0.25)
    public init() {}
    public init(weakest: Length, strongest: Length, step: Length) {
        self.weakest = weakest
        self.strongest = strongest
        self.step = step
    }
}

/// How one high-mag exposure is taken.
public struct MovieSettings: Hashable, Sendable, Codable {
    public var frames: Int = 10
    /// Seconds.
    public var exposureTime: Double = 2.4
    /// e/Å² over the whole exposure.
    public var dose: Double = 40
    public init() {}
    public init(frames: Int, exposureTime: Double, dose: Double) {
        self.frames = frames
        self.exposureTime = exposureTime
        self.dose = dose
    }
}
