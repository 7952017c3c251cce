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
    public internal(set) var remarks: [String] = []
    public let stated: StatedConditions?
    /// In the order of their remarks, which come first.
    private var differences: [(told: String, asked: String, unit: String)] = []
    let facts: MovieFacts
    let source: String

    /// What is asked for, as far as it is: Å of a pixel of the movie as it is read, kV, and `dose` of the whole movie. `detector`: the
    /// camera's own pixels, by which a pixel size beside the movie is understood.
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
        remarks += facts.problems
        if !isMeasured, movie.pixelSize != nil {
            remarks.append("The pixel size in the file is no specimen's, or the 1 Å of programs that know none: it is not used.")
        }
    }

    /// A session's movie. Its order has the detector's pixel size; a movie's may be a quarter of one, or several of them where the camera
    /// binned, which its size tells.
    init(_ order: WorkerOrder, _ movie: any MovieSource) {
        let scale = order.detector.flatMap { DetectorSize.scale(movie, $0) }
        let upsampling = (movie as? EERFile)?.upsampling ?? 1
        self.init(
            pixelSize: order.pixelSize / (scale ?? Double(upsampling)), voltage: order.voltage,
            dose: order.dosePerFrame * Double(order.frames), of: movie,
            detector: order.detector.map { PixelCount($0.width, $0.height) })
        guard let detector = order.detector else { return }
        let isTold = facts.binning != nil || facts.pixelSize.map { abs($0 * (scale ?? 1) / order.pixelSize - 1) < 0.05 } ?? false
        if let doubt = DetectorSize.doubt(movie, detector, isTold: isTold) { remarks.append(doubt) }
    }

    /// A movie that only a facility's program reads.
    init(untold order: WorkerOrder) {
        (facts, source, stated, isMeasured) = (MovieFacts(), "The file", nil, true)
        (pixelSize, voltage, dosePerFrame) = (order.pixelSize, order.voltage, order.dosePerFrame)
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
        // Not by way of an integer: a session may ask for numbers that none holds.
        let text = "\((value * 1000).rounded() / 1000)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
