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

    public init(_ job: MovieJob) {
        movie = job.movie
        sessionDirectory = job.sessionDirectory
        gridDirectory = job.gridDirectory
        pixelSize = job.pixelSize
        voltage = job.voltage
        cs = job.cs
        dosePerFrame = job.dosePerFrame
    }

    public init(text: String) throws { self = try JSONText.decode(WorkerOrder.self, from: text) }

    public func text() throws -> String { try JSONText.encode(self) }

    /// Works on the movie and writes its average and pictures below the session's directory.
    public func carryOut() throws(ImagingError) -> Measurement {
        var work = MovieWork(pixelSize: pixelSize, voltage: voltage, cs: cs)
        work.dosePerFrame = dosePerFrame
        let outcome = try work.carryOut(on: MRCFile(path: movie))
        let files = (
            average: "\(gridDirectory)/raw/\(name).mrc", picture: "\(gridDirectory)/png/\(name).png",
            spectrum: "\(gridDirectory)/png/\(name)_spectrum.png"
        )
        try MRCFile.write(outcome.average, to: "\(sessionDirectory)/\(files.average)", pixelSize: pixelSize)
        try PNG.write(
            Thumbnail.make(outcome.doseWeighted ?? outcome.average, size: 1024), to: "\(sessionDirectory)/\(files.picture)")
        try PNG.write(outcome.spectrum.picture(), to: "\(sessionDirectory)/\(files.spectrum)")
        return Measurement(
            average: files.average, picture: files.picture, spectrum: files.spectrum,
            shifts: outcome.shifts.map { PixelPoint(x: $0.x, y: $0.y) }, totalMotion: outcome.totalMotion,
            ctf: outcome.ctf.measurement, reason: outcome.ctf.reason)
    }

    /// The movie's, without folder and ending.
    private var name: String {
        let file = movie.split(separator: "/").last.map(String.init) ?? movie
        return file.hasSuffix(".mrc") ? String(file.dropLast(4)) : file
    }
}
