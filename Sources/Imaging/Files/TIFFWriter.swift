/// Writes a TIFF movie frame by frame under a hidden name, turned as TIFF wants it; `finish` gives it its own.
///
/// A writer that is dropped before `finish` leaves nothing behind. Not for use by two threads at once.
public final class TIFFWriter {
    public enum Pixels: Sendable { case uint8, int16, uint16, float32 }
    public enum Compression: Int, Sendable {
        case none = 1
        case lzw = 5
        case deflate = 8
        case zstd = 50000
    }

    public let path: String
    private let width: Int
    private let height: Int
    private let pixels: Pixels
    private let compression: Compression
    private let pixelSize: Double?
    private let file: PixelFile
    private let handle: TIFFHandle
    private var frames = 0
    private var isFinished = false

    /// `isBig`: BigTIFF, for movies of more than 4 GB.
    public init(
        path: String, width: Int, height: Int, pixels: Pixels, compression: Compression = .lzw, pixelSize: Double? = nil,
        isBig: Bool = false
    ) throws(ImagingError) {
        (self.path, self.width, self.height) = (path, width, height)
        (self.pixels, self.compression, self.pixelSize) = (pixels, compression, pixelSize)
        file = try PixelFile(besideTarget: path)
        handle = try TIFFHandle(path: file.path, mode: isBig ? "w8m" : "wm")
    }

    deinit { if !isFinished { file.remove() } }

    public func append(_ image: Image) throws(ImagingError) {
        guard image.width == width, image.height == height else {
            throw .sizesDiffer(
                what: "Frame \(frames + 1) of \(path)", expected: "\(width) x \(height)",
                found: "\(image.width) x \(image.height)")
        }
        setTags()
        let rows = rowsPerStrip
        for (strip, top) in stride(from: 0, to: height, by: rows).enumerated() {
            var bytes = stored(image, rows: top..<min(top + rows, height))
            guard bytes.withUnsafeMutableBytes({ handle.writeStrip(strip, $0) }) else { throw problem }
        }
        guard handle.finishFrame() else { throw problem }
        frames += 1
    }

    /// At least one frame must have been appended.
    public func finish() throws(ImagingError) {
        precondition(frames > 0 && !isFinished, "a movie has a frame and is finished once")
        guard handle.flush() else { throw problem }
        try file.move(to: path)
        isFinished = true
    }

    private var problem: ImagingError { .cannotWrite(file: path, reason: handle.reason) }
    private var bits: Int { pixels == .uint8 ? 8 : pixels == .float32 ? 32 : 16 }
    /// About 64 kB, as cameras write them.
    private var rowsPerStrip: Int { max(1, min(height, (64 << 10) / (width * bits / 8))) }

    private func setTags() {
        handle.set(256, long: width)
        handle.set(257, long: height)
        handle.set(258, short: bits)
        handle.set(259, short: compression.rawValue)
        handle.set(262, short: 1)
        handle.set(277, short: 1)
        handle.set(278, long: rowsPerStrip)
        handle.set(284, short: 1)
        handle.set(339, short: pixels == .int16 ? 2 : pixels == .float32 ? 3 : 1)
        guard let pixelSize else { return }
        handle.set(282, real: Float(1e8 / pixelSize))
        handle.set(283, real: Float(1e8 / pixelSize))
        handle.set(296, short: 3)
    }

    /// The picture's rows from the top down.
    private func stored(_ image: Image, rows: Range<Int>) -> [UInt8] {
        let upright = rows.flatMap { row in
            let start = (height - 1 - row) * width
            return image.pixels[start..<start + width]
        }
        return switch pixels {
        case .uint8: upright.map { UInt8(min(max($0.rounded(), 0), 255)) }
        case .int16: MRCPixels.encode(upright, mode: .int16)
        case .uint16: MRCPixels.encode(upright, mode: .uint16)
        case .float32: MRCPixels.encode(upright, mode: .float32)
        }
    }
}
