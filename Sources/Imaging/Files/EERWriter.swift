/// Writes an EER movie of frames of counts, as a camera would have seen their electrons one by one. For simulated cameras: it is all in memory.
///
/// Not for use by two threads at once.
public final class EERWriter {
    public let path: String
    private let width: Int
    private let height: Int
    private let metadata: [UInt8]
    private var random: UInt64
    private var bytes: [UInt8]
    /// Where the place of the next directory is to be written.
    private var link = 8
    private var electrons = 0
    /// The camera's frames so far.
    public private(set) var frames = 0

    /// `pixelSize`: Å.
    public init(path: String, width: Int, height: Int, pixelSize: Double, seed: UInt64) {
        (self.path, self.width, self.height, random) = (path, width, height, seed | 1)
        metadata = Array(
            """
            <metadata><item name="commercialName">Simulated</item>\
            <item name="sensorPixelSize.width" unit="m">\(pixelSize * 1e-10)</item>\
            <item name="sensorPixelSize.height" unit="m">\(pixelSize * 1e-10)</item></metadata>
            """.utf8)
        bytes = Array("II".utf8) + Self.word(43, 2) + Self.word(8, 2) + Self.word(0, 2) + Self.word(0, 8)
    }

    /// A pixel sees one electron in a camera frame at the most, so the frame becomes twice as many as its pixels count on average, or more.
    public func append(_ counts: Image) {
        var left = counts.pixels.map { Int32(max(0, $0).rounded()) }
        let mean = Double(left.reduce(0) { $0 + Int($1) }) / Double(left.count)
        let raw = min(255, max(8, Int((2 * mean).rounded(.up))))
        for frame in 0..<raw { write(events(&left, Int32(raw - frame))) }
    }

    /// Each electron that is left falls into one of the frames that are left, no two of a pixel into the same one.
    private func events(_ left: inout [Int32], _ framesLeft: Int32) -> [UInt8] {
        var stream = EventStream()
        for pixel in left.indices {
            guard left[pixel] > 0, Int32(truncatingIfNeeded: next() >> 33) % framesLeft < left[pixel] else { continue }
            left[pixel] -= 1
            electrons += 1
            stream.electron(at: pixel, place: next() >> 60)
        }
        stream.end(at: left.count)
        return stream.bytes
    }

    private func next() -> UInt64 {
        // Marsaglia's xorshift, scrambled as Vigna does.
        random ^= random >> 12
        random ^= random << 25
        random ^= random >> 27
        return random &* 0x2545_F491_4F6C_DD1D
    }

    private func write(_ codes: [UInt8]) {
        let start = bytes.count
        bytes += codes
        let text = bytes.count
        if frames == 0 { bytes += metadata }
        var tags = [
            (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 1), (259, 3, 1, 65001), (262, 3, 1, 1), (273, 16, 1, start),
            (277, 3, 1, 1), (278, 4, 1, height), (279, 16, 1, codes.count),
        ]
        if frames == 0 { tags.append((65001, 7, metadata.count, text)) }
        bytes.replaceSubrange(link..<link + 8, with: Self.word(bytes.count, 8))
        bytes += Self.word(tags.count, 8)
        for (tag, type, count, value) in tags {
            bytes += Self.word(tag, 2) + Self.word(type, 2) + Self.word(count, 8) + Self.word(value, 8)
        }
        link = bytes.count
        bytes += Self.word(0, 8)
        frames += 1
    }

    /// The file appears under its name when it is whole.
    public func finish() throws(ImagingError) {
        let file = try PixelFile(besideTarget: path)
        do throws(ImagingError) {
            try file.write(bytes, at: 0, target: path)
            try file.move(to: path)
        } catch {
            file.remove()
            throw error
        }
    }

    private static func word(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

/// Codes of seven bits of run and four of place, the lowest bit first.
private struct EventStream {
    private(set) var bytes: [UInt8] = []
    private var (held, bits) = (UInt64(0), UInt64(0))
    private var next = 0

    mutating func electron(at pixel: Int, place: UInt64) {
        skip(to: pixel)
        append(UInt64(pixel - next) | place << 7, 11)
        next = pixel + 1
    }

    /// The runs end with the frame's last pixel.
    mutating func end(at pixels: Int) {
        skip(to: pixels)
        if next < pixels { append(UInt64(pixels - next), 11) }
        if bits > 0 { bytes.append(UInt8(truncatingIfNeeded: held)) }
    }

    private mutating func skip(to pixel: Int) {
        while pixel - next >= 127 {
            append(127, 7)
            next += 127
        }
    }

    private mutating func append(_ value: UInt64, _ count: UInt64) {
        held |= value << bits
        bits += count
        while bits >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: held))
            held >>= 8
            bits -= 8
        }
    }
}
