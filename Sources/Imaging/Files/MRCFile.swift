/// An MRC image or stack, open for reading one section at a time.
public struct MRCFile: MovieSource {
    public let path: String
    public let header: MRCHeader
    private let file: PixelFile

    public var width: Int { header.width }
    public var height: Int { header.height }
    public var frameCount: Int { header.sections }
    public var storedBits: Int { header.mode.bits }
    /// Å, from the header or from the microscope's extended header; nil where the file does not tell.
    public let pixelSize: Double?
    /// What the microscope's program wrote about each section; none where it did not.
    public let extended: [MRCSection]

    /// Reads the header and checks that the file holds what it promises.
    public init(path: String) throws(ImagingError) {
        file = try PixelFile(reading: path)
        self.path = path
        let size = try file.size()
        guard size >= MRCHeader.size else {
            let detail = size == 0 ? "it is empty" : "\(size) bytes are less than a header"
            throw .notAnMRC(file: path, detail: detail)
        }
        header = try MRCHeader(bytes: file.read(at: 0, count: MRCHeader.size), file: path)
        guard size >= header.fileBytes else {
            throw .truncated(file: path, expectedBytes: header.fileBytes, foundBytes: size)
        }
        let bytes = try file.read(at: MRCHeader.size, count: min(header.extendedBytes, MRCExtendedHeader.mostBytes))
        extended = MRCExtendedHeader.sections(bytes, header: header)
        pixelSize = header.pixelSize ?? extended.first?.pixelSize
    }

    public func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        guard (0..<frameCount).contains(index) else {
            throw .noSuchFrame(file: path, frame: index, count: frameCount)
        }
        if let problem = readStrips(index, 0..<height, into: target) { throw problem }
    }

    public var readsRows: Bool { true }

    public func read(_ index: Int, rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        guard (0..<frameCount).contains(index) else {
            throw .noSuchFrame(file: path, frame: index, count: frameCount)
        }
        if let problem = readStrips(index, rows, into: target) { throw problem }
    }

    /// A strip of rows at a time: what was just read is decoded while it is still in the cache.
    private func readStrips(_ index: Int, _ wanted: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) -> ImagingError? {
        let start = header.firstPixel + index * header.sectionBytes
        let row = header.mode.bytes(width: width, height: 1)
        let rows = max(1, min(height, (256 << 10) / row))
        let strip = UnsafeMutableRawBufferPointer.allocate(byteCount: rows * row, alignment: 16)
        defer { strip.deallocate() }
        for first in stride(from: wanted.lowerBound, to: wanted.upperBound, by: rows) {
            let taken = min(rows, wanted.upperBound - first)
            let bytes = UnsafeMutableRawBufferPointer(rebasing: strip[0..<taken * row])
            if let problem = file.fill(bytes, from: start + first * row) { return problem }
            let at = (first - wanted.lowerBound) * width
            let part = UnsafeMutableBufferPointer(rebasing: target[at..<at + taken * width])
            MRCPixels.decode(UnsafeRawBufferPointer(bytes), header: header, rows: taken, into: part)
        }
        return nil
    }

    /// The first section of the file, which is all of an ordinary image.
    public static func image(path: String) throws(ImagingError) -> Image {
        try MRCFile(path: path).frame(0)
    }

    /// Writes one image; the file appears under its name only when it is whole.
    public static func write(
        _ image: Image, to path: String, mode: MRCMode = .float32, pixelSize: Double? = nil, labels: [String] = []
    ) throws(ImagingError) {
        try write([image], to: path, mode: mode, pixelSize: pixelSize, labels: labels)
    }

    /// Writes a stack of images of one size; there must be at least one.
    public static func write(
        _ images: [Image], to path: String, mode: MRCMode = .float32, pixelSize: Double? = nil, labels: [String] = []
    ) throws(ImagingError) {
        precondition(!images.isEmpty, "a stack has an image")
        let writer = try MRCWriter(
            path: path, width: images[0].width, height: images[0].height, mode: mode, pixelSize: pixelSize, labels: labels)
        for image in images { try writer.append(image) }
        try writer.finish()
    }
}
