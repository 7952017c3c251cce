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
    /// Of the stage, degrees; nil where it was level.
    public var tilt: Double?
    /// What autofocus aimed at and what it read, negative under focus.
    public var targetDefocus: Length
    public var measuredDefocus: Length?
    public var begunAt: Timestamp
    public var savedAt: Timestamp?
    public var measurement: Measurement?
    /// Why there is no measurement.
    public var problem: String?
    /// What a person thinks of it, and who.
    public var rating: ImageRating?
    public var ratedBy: String?

    public init(
        id: MicrographID, status: MicrographStatus = .exposing, movie: String, frames: Int, pixelSize: Double, dose: Double,
        stage: StagePosition, imageShift: PlaneShift, tilt: Double? = nil, targetDefocus: Length, measuredDefocus: Length?,
        begunAt: Timestamp
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
        self.tilt = tilt
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
    /// Å of the sums' pixels; nil where they are the movie's. A facility's program may bin them.
    public var pixelSize: Double?
    /// What the CTF was fitted with; nil for the 0.07 of a measurement that was stored without it.
    public var amplitudeContrast: Double?
    /// Displacement of each frame's content against the first, pixels of the movie.
    public var shifts: [PixelPoint]
    /// Sum of the steps between frames, Å.
    public var totalMotion: Double
    /// The part of it within the first 4 e/Å²; nil where the dose is not known.
    public var earlyMotion: Double?
    /// Nil where no honest fit was found; `reason` then says why.
    public var ctf: CTFMeasurement?
    public var reason: String?
    /// Power near 3.7 Å against that on both sides: about 1 without crystalline ice; nil where the pixels are too coarse to tell.
    public var iceRing: Double?
    /// What a person should know before trusting the image.
    public var warnings: [ImageWarning]?
    /// What the programs of microscope and camera wrote about the movie, and where it differs from the session, in sentences.
    public var stated: StatedConditions?
    public var remarks: [String]?
    /// The facility's programs that did a step, as the configuration names them; nil where all was done here.
    public var programs: [String]?
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

/// What is written about a movie in its file and beside it.
public struct StatedConditions: Hashable, Sendable, Codable {
    /// Who says so: `SerialEM's mdoc`, `EPU's XML`, `the file`.
    public var sources: [String]
    /// Å of a pixel of the movie.
    public var pixelSize: Double?
    /// e/Å² of the whole movie.
    public var dose: Double?
    /// kV.
    public var voltage: Double?
    /// As the microscope was set, negative under focus.
    public var defocus: Length?

    public init(sources: [String], pixelSize: Double? = nil, dose: Double? = nil, voltage: Double? = nil, defocus: Length? = nil)
    {
        self.sources = sources
        self.pixelSize = pixelSize
        self.dose = dose
        self.voltage = voltage
        self.defocus = defocus
    }
}

/// What processing warns of, beside its numbers.
public enum ImageWarning: String, Hashable, Sendable, Codable, CaseIterable {
    /// A ring of crystalline ice near 3.7 Å.
    case iceRing
    /// More astigmatism than a tuned microscope has.
    case astigmatism
    /// The defocus lies at an end of the range that was searched.
    case searchLimit
    /// Rings too narrow for the spectrum end the fit before the image does.
    case aliasing
    /// The specimen moved far while the shutter was open.
    case motion
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
