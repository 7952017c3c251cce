/// Writes an MRC stack frame by frame under a hidden name; `finish` gives it its own.
///
/// A writer that is dropped before `finish` leaves nothing behind. Not for use by two threads at once.
public final class MRCWriter {
    public let path: String
    private let file: PixelFile
    private var header: MRCHeader
    private var statistics = ImageStatistics()
    private var isFinished = false

    public init(
        path: String, width: Int, height: Int, mode: MRCMode = .float32, pixelSize: Double? = nil, labels: [String] = []
    ) throws(ImagingError) {
        guard mode != .packed4 else { throw .unsupportedMode(file: path, mode: mode.rawValue) }
        self.path = path
        header = MRCHeader(width: width, height: height, sections: 0, mode: mode, pixelSize: pixelSize)
        header.labels = labels
        file = try PixelFile(besideTarget: path)
    }

    deinit { if !isFinished { file.remove() } }

    public func append(_ image: Image) throws(ImagingError) {
        guard image.width == header.width, image.height == header.height else {
            throw .sizesDiffer(
                what: "Frame \(header.sections + 1) of \(path)", expected: "\(header.width) x \(header.height)",
                found: "\(image.width) x \(image.height)")
        }
        let bytes = MRCPixels.encode(image.pixels, mode: header.mode)
        try file.write(bytes, at: header.fileBytes, target: path)
        // The header tells of what was stored, not of what was rounded away.
        statistics.add(header.mode == .float32 ? image.pixels : bytes.withUnsafeBytes { MRCPixels.decode($0, header: header) })
        header.sections += 1
    }

    /// Writes the header and gives the file its name; at least one frame must have been appended.
    public func finish() throws(ImagingError) {
        precondition(header.sections > 0 && !isFinished, "a stack has a frame and is finished once")
        try file.write(header.bytes(statistics: statistics), at: 0, target: path)
        try file.move(to: path)
        isFinished = true
    }
}
