import Imaging
import RunModel

/// How a movie was taken: what the session asked for, corrected by what is written in the movie's file and beside it.
///
/// A facility knows its pixels better than a program's table does, so small differences say nothing. Where the two are so far apart that one
/// of them must be wrong, the movie's own word counts, and a sentence says so.
public struct MovieConditions: Sendable {
    /// Å of the movie's pixels; 1 where nobody knows, which `isMeasured` tells.
    public private(set) var pixelSize: Double
    public let isMeasured: Bool
    /// kV.
    public private(set) var voltage: Double
    /// e/Å² in each frame that is aligned; 0 where nobody knows.
    public private(set) var dosePerFrame: Double
    public private(set) var remarks: [String] = []
    public let stated: StatedConditions?
    /// In the order of their remarks, which come first.
    private var differences: [(told: String, asked: String, unit: String)] = []
    private let facts: MovieFacts
    private let source: String

    /// What is asked for, as far as it is: Å of a pixel of the movie as it is read, kV, and `dose` of the whole movie. `detector`: the camera's
    /// own pixels, by which a pixel size beside the movie is understood.
    public init(pixelSize: Double?, voltage: Double?, dose: Double?, of movie: any MovieSource, detector: PixelCount? = nil) {
        let facts = MovieFacts(of: movie, detector: detector)
        self.facts = facts
        source = facts.sources.first.map { $0.prefix(1).uppercased() + $0.dropFirst() } ?? "The file"
        stated = Self.stated(facts)
        isMeasured = (pixelSize ?? facts.pixelSize) != nil
        (self.pixelSize, self.voltage, dosePerFrame) = (1, 300, 0)
        self.pixelSize = chosen(pixelSize, facts.pixelSize, within: 0.05, "Å a pixel") ?? 1
        self.voltage = chosen(voltage, facts.voltage, within: 0.01, "kV") ?? 300
        let total = chosen(dose.flatMap { $0 > 0 ? $0 : nil }, facts.dose, within: 0.2, "e/Å²") ?? 0
        dosePerFrame = isMeasured ? total / Double(max(1, movie.frameCount)) : 0
        if let frames = facts.frames, frames != movie.rawFrameCount {
            remarks.append("\(source) tells of \(frames) frames, the file holds \(movie.rawFrameCount).")
        }
    }

    /// A session's movie. Its order has the detector's pixel size; how many of the detector's pixels a movie's is, is known from its size.
    init(_ order: WorkerOrder, _ movie: any MovieSource) {
        let scale = order.detector.flatMap { DetectorSize.scale(movie, $0) }
        let upsampling = (movie as? EERFile)?.upsampling ?? 1
        self.init(
            pixelSize: order.pixelSize / max(1, scale ?? Double(upsampling)), voltage: order.voltage,
            dose: order.dosePerFrame * Double(order.frames), of: movie,
            detector: order.detector.map { PixelCount($0.width, $0.height) })
    }

    /// A movie that only a facility's program reads.
    init(untold order: WorkerOrder) {
        (facts, source, stated, isMeasured) = (MovieFacts(), "The file", nil, true)
        (pixelSize, voltage, dosePerFrame) = (order.pixelSize, order.voltage, order.dosePerFrame)
    }

    func apply(to work: inout MovieWork) {
        (work.pixelSize, work.voltage, work.dosePerFrame) = (pixelSize, voltage, dosePerFrame)
    }

    private static func stated(_ facts: MovieFacts) -> StatedConditions? {
        guard !facts.sources.isEmpty else { return nil }
        return StatedConditions(
            sources: facts.sources, pixelSize: facts.pixelSize, dose: facts.dose, voltage: facts.voltage,
            defocus: facts.defocus.map(Length.micrometres))
    }

    private mutating func chosen(_ asked: Double?, _ told: Double?, within limit: Double, _ unit: String) -> Double? {
        guard let asked, let told, asked > 0, abs(told / asked - 1) > limit else { return asked ?? told }
        differences.append((Self.short(told), Self.short(asked), unit))
        remarks.append(
            "\(source) says \(Self.short(told)) \(unit), where \(Self.short(asked)) were expected; \(Self.short(told)) are used.")
        return told
    }

    /// The remarks on a movie by hand, where what was named counts whatever the movie says.
    public func words(asNamed: Bool) -> [String] {
        guard asNamed else { return remarks }
        return differences.map { "\(source) says \($0.told) \($0.unit); \($0.asked) are used, as named." }
            + remarks.dropFirst(differences.count)
    }

    private static func short(_ value: Double) -> String {
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    // MARK: What belongs to the camera

    /// The reference that is named for the camera, else the one that is named beside the movie, turned as the frames were.
    public mutating func gain(_ named: GainFile?, for movie: any MovieSource, folders: [String] = []) throws(ImagingError)
        -> Image?
    {
        let turn = facts.rotationAndFlip ?? 0
        if let named {
            let isTold = named.rotation != 0 || named.flip != 0
            if isTold, turn != 0 {
                remarks.append(
                    "\(source) says that the frames are turned (\(turn)); the gain reference is turned as it is named instead.")
            }
            return try turned(named, by: isTold ? 0 : turn, for: movie)
        }
        guard let name = facts.gain else { return nil }
        let places = ([MovieFolder.of(movie.path)] + folders).map { "\($0)/\(name)" }
        guard let path = places.first(where: MovieFolder.holds) else {
            remarks.append("\(source) names the gain reference \(name), which is not beside the movie: none was used.")
            return nil
        }
        return try turned(GainFile(file: path), by: turn, for: movie)
    }

    /// A reference that fits only as it lies was turned by somebody before.
    private mutating func turned(_ gain: GainFile, by turn: Int, for movie: any MovieSource) throws(ImagingError) -> Image {
        let flips: [GainReference.Flip] = [.none, .y, .x]
        let flip = flips[min(max(gain.flip, 0), 2)]
        do throws(ImagingError) {
            return try GainReference.load(path: gain.file, rotation: gain.rotation, flip: flip, rotationAndFlip: turn, for: movie)
        } catch {
            guard turn != 0, case .gainDiffers = error else { throw error }
            let image = try GainReference.load(path: gain.file, rotation: gain.rotation, flip: flip, for: movie)
            remarks.append(
                "\(source) says that the frames are turned (\(turn)); the gain reference fits only as it lies, and was not turned."
            )
            return image
        }
    }

    /// Positions of the pixels that a camera's file of defects names.
    public func defects(_ file: String?, for movie: any MovieSource) throws(ImagingError) -> [Int] {
        guard let file else { return [] }
        let defects = try CameraDefects(file: file)
        guard let positions = defects.positions(width: movie.width, height: movie.height, rotationAndFlip: facts.rotationAndFlip)
        else {
            throw .notDefects(
                file: file, detail: "it is for another camera than that of \(movie.width) x \(movie.height) pixels")
        }
        return positions
    }

    /// With the counts that the camera had, where its program halved them.
    public func carryOut(_ work: MovieWork, on movie: any MovieSource) throws(ImagingError) -> MovieWork.Outcome {
        guard facts.isDividedBy2, movie.storedBits == 16 else { return try Self.carryOut(work, movie) }
        return try work.carryOut(on: DoubledFrames(movie: movie))
    }

    private static func carryOut(_ work: MovieWork, _ movie: some MovieSource) throws(ImagingError) -> MovieWork.Outcome {
        try work.carryOut(on: movie)
    }
}

/// Frames whose counts are half of what the camera's were.
private struct DoubledFrames: FrameSource {
    let movie: any MovieSource

    var width: Int { movie.width }
    var height: Int { movie.height }
    var frameCount: Int { movie.frameCount }
    var storedBits: Int { movie.storedBits }
    var name: String { movie.path }

    func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        try movie.read(index, into: target)
        for i in target.indices { target[i] *= 2 }
    }
}
