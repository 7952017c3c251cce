import Imaging
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

    /// Works on the movie and writes its average and pictures below the session's directory.
    public func carryOut(clock: any Clock<Duration> = ContinuousClock()) async throws -> Measurement {
        var work = MovieWork(pixelSize: pixelSize, voltage: voltage, cs: cs)
        work.dosePerFrame = dosePerFrame
        work.amplitudeContrast = settings.amplitudeContrast
        work.fitsCTF = settings.ctf == nil
        let outcome: MovieWork.Outcome
        let electrons = (settings.eer ?? ElectronFrames()).settings(dose: dosePerFrame * Double(frames))
        var conditions: MovieConditions
        if let motion = ExternalMotion(self, clock) {
            // A facility's program may read what is not read here, and says itself what is wrong with it.
            let file = try? MovieFile.open(path: movie, eer: electrons)
            if let file { try DetectorSize.check(file, detector) }
            conditions = file.map { MovieConditions(self, $0) } ?? MovieConditions(untold: self)
            conditions.apply(to: &work)
            outcome = try await motion.carryOut(work)
        } else {
            let file = try MovieFile.open(path: movie, eer: electrons)
            try DetectorSize.check(file, detector)
            conditions = MovieConditions(self, file)
            conditions.apply(to: &work)
            work.gain = try conditions.gain(gain, for: file, folders: [detector?.framesDirectory].compactMap { $0 })
            work.defects = try conditions.defects(detector?.defects, for: file)
            (work.patches, work.binning) = (settings.patches, detector?.binning ?? 1)
            outcome = try conditions.carryOut(work, on: file)
            try MRCFile.write(outcome.average, to: path(files.average), pixelSize: outcome.pixelSize)
        }
        try PNG.write(Thumbnail.make(outcome.doseWeighted ?? outcome.average, size: 1024), to: path(files.picture))
        try PNG.write(outcome.spectrumPicture, to: path(files.spectrum))
        var measurement = measurement(outcome, conditions)
        if let ctf = ExternalCTF(self, clock, pixelSize: outcome.pixelSize) {
            (measurement.ctf, measurement.reason) = try await ctf.measure(files.average)
            let more = CTFEstimate.warnings(ofAstigmatism: measurement.ctf?.astigmatism ?? 0)
            if !more.isEmpty { measurement.warnings = (measurement.warnings ?? []) + more }
        }
        return measurement
    }

    private func measurement(_ outcome: MovieWork.Outcome, _ conditions: MovieConditions) -> Measurement {
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
