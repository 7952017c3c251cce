/// Where one high-mag exposure stands.
public enum MicrographStatus: String, Status {
    case exposing, saved, processed, unprocessable, notTaken, unknown, left

    public var successors: Set<MicrographStatus> {
        switch self {
        case .exposing: [.saved, .notTaken, .unknown]
        case .saved: [.processed, .unprocessable]
        case .processed, .unprocessable: [.processed, .unprocessable]
        case .notTaken: [.exposing]
        case .unknown: [.saved, .notTaken, .exposing, .left]
        case .left: []
        }
    }
}

/// One high-mag exposure: movie, where, and what was measured.
public struct Micrograph: Hashable, Sendable, Codable {
    public var id: MicrographID
    public var status: MicrographStatus
    /// Relative to the session's directory.
    public var movie: String
    public var frames: Int
    /// Bytes of the movie; 0 until saved.
    public var bytes: Int
    /// Å.
    public var pixelSize: Double
    /// e/Å².
    public var dose: Double
    public var stage: StagePosition
    public var imageShift: PlaneShift
    /// What autofocus aimed at and what it read, negative under focus.
    public var targetDefocus: Length
    public var measuredDefocus: Length?
    public var begunAt: Timestamp
    public var savedAt: Timestamp?
    public var measurement: Measurement?
    /// Why there is no measurement.
    public var problem: String?

    public init(
        id: MicrographID, status: MicrographStatus = .exposing, movie: String, frames: Int, pixelSize: Double, dose: Double,
        stage: StagePosition, imageShift: PlaneShift, targetDefocus: Length, measuredDefocus: Length?, begunAt: Timestamp
    ) {
        self.id = id
        self.status = status
        self.movie = movie
        self.frames = frames
        self.bytes = 0
        self.pixelSize = pixelSize
        self.dose = dose
        self.stage = stage
        self.imageShift = imageShift
        self.targetDefocus = targetDefocus
        self.measuredDefocus = measuredDefocus
        self.begunAt = begunAt
    }
}

/// What processing found in one movie.
public struct Measurement: Hashable, Sendable, Codable {
    /// Aligned average, its picture, and its power spectrum's, relative to the session's directory.
    public var average: String
    public var picture: String
    public var spectrum: String
    /// Displacement of each frame's content against the first, pixels of the movie.
    public var shifts: [PixelPoint]
    /// Sum of the steps between frames, Å.
    public var totalMotion: Double
    /// Nil where no honest fit was found; `reason` then says why.
    public var ctf: CTFMeasurement?
    public var reason: String?
    /// Distance of the hole's centre from the image's centre; nil when not seen.
    public var offset: Length?

    public init(
        average: String, picture: String, spectrum: String, shifts: [PixelPoint], totalMotion: Double, ctf: CTFMeasurement?,
        reason: String?, offset: Length? = nil
    ) {
        self.average = average
        self.picture = picture
        self.spectrum = spectrum
        self.shifts = shifts
        self.totalMotion = totalMotion
        self.ctf = ctf
        self.reason = reason
        self.offset = offset
    }
}

/// A CTF fit in RELION's words: positive is under focus.
public struct CTFMeasurement: Hashable, Sendable, Codable {
    /// Å, U ≥ V.
    public var defocusU: Double
    public var defocusV: Double
    /// Degrees from +x to U, counter-clockwise, rows bottom first.
    public var angle: Double
    /// Å.
    public var fitResolution: Double
    /// Normalised cross-correlation of spectrum and model.
    public var score: Double
    /// Radial profile and fitted curve, for the plot; spatial frequency runs evenly from 0 to `profileLimit` (1/Å).
    public var profile: [Float]
    public var curve: [Float]
    public var profileLimit: Double

    public init(
        defocusU: Double, defocusV: Double, angle: Double, fitResolution: Double, score: Double, profile: [Float] = [],
        curve: [Float] = [], profileLimit: Double = 0
    ) {
        self.defocusU = defocusU
        self.defocusV = defocusV
        self.angle = angle
        self.fitResolution = fitResolution
        self.score = score
        self.profile = profile
        self.curve = curve
        self.profileLimit = profileLimit
    }

    /// Mean under focus as pages write it: µm, negative.
    public var defocus: Length { .ångströms(-(defocusU + defocusV) / 2) }
    /// Å.
    public var astigmatism: Double { defocusU - defocusV }
}
