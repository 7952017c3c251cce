import JSONText
import RunModel

/// A movie job as it is handed to a worker process, in one argument.
public struct WorkerOrder: Codable, Sendable, Equatable {
    public var movie: String
    public var sessionDirectory: String
    public var gridDirectory: String
    public var pixelSize: Double
    public var voltage: Double
    public var cs: Double
    public var dosePerFrame: Double
    public var frames: Int
    public var gain: GainFile?
    public var detector: DetectorDescription?
    public var settings: ProcessingSettings
    /// Seconds for the whole job.
    public var deadline: Double

    public init(_ job: MovieJob, _ settings: ProcessingSettings = ProcessingSettings()) {
        movie = job.movie
        sessionDirectory = job.sessionDirectory
        gridDirectory = job.gridDirectory
        pixelSize = job.pixelSize
        voltage = job.voltage
        cs = job.cs
        dosePerFrame = job.dosePerFrame
        frames = job.frames
        gain = job.gain
        detector = job.detector
        self.settings = settings
        deadline = settings.deadline(bytes: job.bytes) / .seconds(1)
    }

    /// Reads what `text()` writes.
    public init(text: String) throws { self = try JSONText.decode(WorkerOrder.self, from: text) }

    /// JSON, as a worker's argument.
    public func text() throws -> String { try JSONText.encode(self) }

    func argument() throws(JobProblem) -> String {
        do { return try text() } catch { throw JobProblem(sentence: "The movie's numbers cannot be handed on: \(error)") }
    }

    func measurement(_ outcome: MovieWork.Outcome, _ conditions: MovieConditions) -> Measurement {
        let motion = FrameMotion(outcome.shifts, pixelSize: conditions.pixelSize, dosePerFrame: conditions.dosePerFrame)
        var measurement = Measurement(
            average: files.average, picture: files.picture, spectrum: files.spectrum,
            shifts: outcome.shifts.map { PixelPoint(x: $0.x, y: $0.y) }, totalMotion: outcome.totalMotion,
            ctf: outcome.ctf.measurement, reason: outcome.ctf.reason)
        measurement.earlyMotion = motion.early
        measurement.amplitudeContrast = settings.amplitudeContrast
        if outcome.pixelSize != pixelSize { measurement.pixelSize = outcome.pixelSize }
        measurement.iceRing = outcome.iceRing
        measurement.stated = conditions.stated
        if !conditions.remarks.isEmpty { measurement.remarks = conditions.remarks }
        if !outcome.warnings.isEmpty { measurement.warnings = outcome.warnings }
        let programs = settings.steps.map(\.name)
        if !programs.isEmpty { measurement.programs = programs }
        return measurement
    }

    /// Relative to the session's directory.
    var files: (average: String, weighted: String, picture: String, spectrum: String) {
        (
            "\(gridDirectory)/raw/\(name).mrc", "\(gridDirectory)/raw/\(name)_DW.mrc", "\(gridDirectory)/png/\(name).png",
            "\(gridDirectory)/png/\(name)_spectrum.png"
        )
    }

    func path(_ relative: String) -> String { "\(sessionDirectory)/\(relative)" }

    /// The movie's file name without its folder and ending.
    var name: String {
        MovieName.base(of: movie)
    }
}
