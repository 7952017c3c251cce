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
        if let motion = ExternalMotion(self, clock) {
            outcome = try await motion.carryOut(work)
        } else {
            let file = try MovieFile.open(path: movie)
            if let gain { work.gain = try gain.image(for: file) }
            work.patches = settings.patches
            outcome = try work.carryOut(on: file)
            try MRCFile.write(outcome.average, to: path(files.average), pixelSize: pixelSize)
        }
        try PNG.write(Thumbnail.make(outcome.doseWeighted ?? outcome.average, size: 1024), to: path(files.picture))
        try PNG.write(outcome.spectrumPicture, to: path(files.spectrum))
        var measurement = measurement(outcome)
        if let ctf = ExternalCTF(self, clock, pixelSize: outcome.pixelSize) {
            (measurement.ctf, measurement.reason) = try await ctf.measure(files.average)
            let more = CTFEstimate.warnings(ofAstigmatism: measurement.ctf?.astigmatism ?? 0)
            if !more.isEmpty { measurement.warnings = (measurement.warnings ?? []) + more }
        }
        return measurement
    }

    private func measurement(_ outcome: MovieWork.Outcome) -> Measurement {
        let motion = FrameMotion(outcome.shifts, pixelSize: pixelSize, dosePerFrame: dosePerFrame)
        var measurement = Measurement(
            average: files.average, picture: files.picture, spectrum: files.spectrum,
            shifts: outcome.shifts.map { PixelPoint(x: $0.x, y: $0.y) }, totalMotion: outcome.totalMotion,
            ctf: outcome.ctf.measurement, reason: outcome.ctf.reason)
        measurement.earlyMotion = motion.early
        measurement.amplitudeContrast = settings.amplitudeContrast
        if outcome.pixelSize != pixelSize { measurement.pixelSize = outcome.pixelSize }
        measurement.iceRing = outcome.iceRing
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
        let file = movie.split(separator: "/").last.map(String.init) ?? movie
        let ending = [".mrc", ".mrcs", ".tif", ".tiff"].first { file.lowercased().hasSuffix($0) }
        return String(file.dropLast(ending?.count ?? 0))
    }
}

extension GainFile {
    /// Turned as the frames lie; refused where its size is another.
    public func image(for movie: any MovieSource) throws(ImagingError) -> Image {
        let flips: [GainReference.Flip] = [.none, .y, .x]
        return try GainReference.load(path: file, rotation: rotation, flip: flips[min(max(flip, 0), 2)], for: movie)
    }
}
