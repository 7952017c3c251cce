/// A movie of a counting camera: every electron by itself, hundreds of frames a second, put together into frames of counts.
///
/// Row 0 is the first that the file has, as RELION reads it, so its numbers are the detector's own.
public struct EERFile: MovieSource {
    public let path: String
    public let width: Int
    public let height: Int
    /// Å, as the camera wrote it, of a pixel of these frames.
    public let pixelSize: Double?
    /// The camera's frames in each of these.
    public let groups: [Range<Int>]
    public let rawFrameCount: Int
    /// What the camera wrote about the movie.
    public let metadata: EERMetadata
    public let upsampling: Int
    /// The camera's frames in each, where equally many are put together and what is left over is left out; the same number as was asked for.
    public let grouping: Int
    private let frames: [TIFFDirectory]
    private let file: PixelFile
    private let detector: (width: Int, height: Int)

    public var frameCount: Int { groups.count }
    public var storedBits: Int { 8 }

    init(_ found: TIFFFile.Found, settings: EERSettings) throws(ImagingError) {
        // A sum of the movie may stand before the frames or behind them.
        frames = found.directories.filter(\.isEER)
        let pages = found.directories
        if let other = pages.indices.first(where: { !pages[$0].isEER && $0 != 0 && $0 != pages.count - 1 }) {
            throw .notAnEER(file: found.path, detail: "page \(other + 1) of it holds no electrons")
        }
        (path, file, upsampling) = (found.path, found.file, settings.upsampling)
        detector = (frames[0].width, frames[0].height)
        try Self.check(frames, found, settings)
        metadata = EERMetadata(try found.text(found.directories.lazy.compactMap(\.metadata).first))
        (width, height) = (detector.width * upsampling, detector.height * upsampling)
        pixelSize = metadata.pixelSize.map { $0 / Double(settings.upsampling) }
        rawFrameCount = frames.count
        var settings = settings
        settings.dose = settings.dose ?? metadata.dose
        let (raw, count) = (frames.count, settings.count(of: frames.count))
        if case .frames(let each) = settings.grouping {
            grouping = min(max(1, each), raw)
        } else {
            grouping = max(1, raw / count)
        }
        groups = (0..<count).map { $0 * raw / count..<($0 + 1) * raw / count }
    }

    private static let largestSide = 1 << 14
    /// More than an electron to every pixel of a frame is no counting.
    private static let longestCodes = 1 << 30

    private static func check(_ frames: [TIFFDirectory], _ found: TIFFFile.Found, _ settings: EERSettings) throws(ImagingError) {
        let problem = { (detail: String) in ImagingError.notAnEER(file: found.path, detail: detail) }
        let first = frames[0]
        guard (1...largestSide).contains(first.width), (1...largestSide).contains(first.height) else {
            throw problem("its header tells of \(first.width) x \(first.height) pixels")
        }
        guard let codes = first.codes else { throw problem("its events are coded with numbers of bits that cannot be") }
        guard settings.upsampling == 1 || settings.upsampling == 2 else {
            throw problem("upsampling is 1 or 2, not \(settings.upsampling)")
        }
        guard settings.upsampling == 1 || (codes.across > 0 && codes.down > 0) else {
            throw problem("it does not tell where in their pixels its electrons lie, so it cannot be upsampled")
        }
        // Strips of different frames may overlap, and many frames are in memory at a time.
        var total = 0
        for (index, frame) in frames.enumerated() {
            guard frame.width == first.width, frame.height == first.height, frame.codes == codes else {
                throw problem("frame \(index + 1) of it is of another size or kind than the first")
            }
            guard frame.storedBytes <= min(found.size, longestCodes) else {
                throw problem("frame \(index + 1) of it is too long")
            }
            total += frame.storedBytes
            guard total <= found.size else { throw problem("its frames are longer together than the file") }
        }
    }

    public func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        guard groups.indices.contains(index) else { throw .noSuchFrame(file: path, frame: index, count: frameCount) }
        target.update(repeating: 0)
        for first in stride(from: groups[index].lowerBound, to: groups[index].upperBound, by: Self.batch) {
            try add(first..<min(groups[index].upperBound, first + Self.batch), to: target)
        }
    }

    /// Codes of so many of the camera's frames are in memory at a time.
    private static let batch = 32
    /// Rows of the detector that all of them are counted in before the next ones, so that the counts stay in the cache.
    private static let band = 32

    private func add(_ range: Range<Int>, to target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        let lengths = range.map { frames[$0].storedBytes }
        var starts = [0]
        for length in lengths { starts.append(starts[starts.count - 1] + length) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: starts[lengths.count] + 8, alignment: 16)
        defer { buffer.deallocate() }
        for i in 0..<8 { buffer[buffer.count - 8 + i] = 0 }
        for (i, frame) in range.enumerated() {
            try fill(UnsafeMutableRawBufferPointer(rebasing: buffer[starts[i]..<starts[i + 1]]), with: frame)
        }
        // It has eight bytes at least.
        let codes = UnsafeRawPointer(buffer.baseAddress!)
        var cursors = [EERCodes.Cursor](repeating: EERCodes.Cursor(), count: range.count)
        for row in stride(from: 0, to: detector.height, by: Self.band) {
            let limit = min(detector.height, row + Self.band) * detector.width
            for (i, frame) in range.enumerated() {
                do throws(EERCodes.Damage) {
                    try count(codes + starts[i], lengths[i], &cursors[i], before: limit, in: target)
                } catch {
                    throw problem(error, frame)
                }
            }
        }
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, with frame: Int) throws(ImagingError) {
        var done = 0
        for strip in frames[frame].strips {
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + strip.count])
            if let problem = file.fill(part, from: strip.lowerBound) { throw problem }
            done += strip.count
        }
    }

    private func count(
        _ start: UnsafeRawPointer, _ bytes: Int, _ cursor: inout EERCodes.Cursor, before limit: Int,
        in target: UnsafeMutableBufferPointer<Float>
    ) throws(EERCodes.Damage) {
        // A frame has pixels; every frame's codes were checked.
        let (sums, codes) = (target.baseAddress!, frames[0].codes!)
        let (pixels, across, width) = (detector.width * detector.height, detector.width, self.width)
        if upsampling == 1 {
            try codes.decode(start, bytes: bytes, from: &cursor, before: limit, of: pixels) { pixel, _ in sums[pixel] += 1 }
        } else {
            try codes.decode(start, bytes: bytes, from: &cursor, before: limit, of: pixels) { pixel, place in
                let (x, y, half) = (pixel % across, pixel / across, codes.half(place))
                sums[(2 * y + half.y) * width + 2 * x + half.x] += 1
            }
        }
    }

    private func problem(_ damage: EERCodes.Damage, _ frame: Int) -> ImagingError {
        switch damage {
        case .endsEarly: .notAnEER(file: path, detail: "the events of frame \(frame + 1) end before its last pixel")
        case .leadsBeyond: .notAnEER(file: path, detail: "the events of frame \(frame + 1) lead beyond its last pixel")
        }
    }
}

/// What a camera writes into an EER movie about itself, as XML.
public struct EERMetadata: Sendable, Equatable {
    /// Å of a detector's pixel at the specimen.
    public var pixelSize: Double?
    /// e/Å² of the whole movie.
    public var dose: Double?
    /// Seconds.
    public var exposureTime: Double?

    init(_ text: String) {
        var items: [String: Double] = [:]
        for item in XMLScanner.elements(text) where item.path.last == "item" {
            if let name = item.attributes["name"], let number = Double(item.text), number.isFinite { items[name] = number }
        }
        pixelSize = items["sensorPixelSize.width"].map { $0 * 1e10 }.flatMap { (0.01...10_000).contains($0) ? $0 : nil }
        exposureTime = items["exposureTime"].flatMap { $0 > 0 ? $0 : nil }
        if let total = items["totalDose"], let pixelSize, total > 0 { dose = total / (pixelSize * pixelSize) }
    }
}
