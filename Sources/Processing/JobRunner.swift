import RunModel

/// Where movies are worked on: in worker processes on this machine, or by a cluster's scheduler.
public protocol JobRunner: Sendable {
    /// How many jobs run at once.
    var width: Int { get }
    /// Works on one movie, and writes its sums and pictures below the session's directory. Cancelling the task ends the job and everything
    /// that it started; the problem then says `wasCancelled`.
    func process(_ job: MovieJob) async throws(JobProblem) -> Measurement
}

/// One movie, from frames to measurements.
public struct MovieJob: Hashable, Sendable {
    public var micrograph: MicrographID
    /// Absolute.
    public var movie: String
    /// Of the session, absolute: paths in the measurement are relative to it.
    public var sessionDirectory: String
    /// Of the grid, relative to the session's: `6_gpcr_B2`.
    public var gridDirectory: String
    /// Å.
    public var pixelSize: Double
    /// kV.
    public var voltage: Double
    /// mm.
    public var cs: Double
    /// e/Å² in each frame.
    public var dosePerFrame: Double
    public var frames: Int
    /// Size of the movie's file; 0 where it is not known.
    public var bytes: Int
    public var gain: GainFile?
    /// What took it: its movies are held against it. Nil where that is not known.
    public var detector: DetectorDescription?

    public init(
        micrograph: MicrographID, movie: String, sessionDirectory: String, gridDirectory: String, pixelSize: Double,
        voltage: Double, cs: Double, dosePerFrame: Double, frames: Int = 0, bytes: Int = 0, gain: GainFile? = nil,
        detector: DetectorDescription? = nil
    ) {
        self.detector = detector
        self.micrograph = micrograph
        self.movie = movie
        self.sessionDirectory = sessionDirectory
        self.gridDirectory = gridDirectory
        self.pixelSize = pixelSize
        self.voltage = voltage
        self.cs = cs
        self.dosePerFrame = dosePerFrame
        self.frames = frames
        self.bytes = bytes
        self.gain = gain
    }
}

/// Why a movie has no measurement: a failure of that movie only.
public struct JobProblem: Explained, Equatable {
    public var sentence: String
    /// True when the job was ended, not failed: the movie waits to be worked on again.
    public var wasCancelled: Bool
    public var code: String { "processing.failed" }
    public init(sentence: String, wasCancelled: Bool = false) {
        self.sentence = sentence
        self.wasCancelled = wasCancelled
    }
}
