/// An MRC stack that is whole after every section, as a program leaves it that keeps its file open for hours.
///
/// Its space group is 0 and it counts as many samples in z as sections, as SerialEM does. A value: the file is opened for each section and
/// closed again.
public struct MRCStack: Sendable {
    public let path: String
    public private(set) var header: MRCHeader
    private var statistics = ImageStatistics()

    /// Nothing is written before the first section.
    public init(path: String, width: Int, height: Int, mode: MRCMode = .int16, pixelSize: Double? = nil, labels: [String] = []) {
        self.path = path
        header = MRCHeader(width: width, height: height, sections: 0, mode: mode, pixelSize: pixelSize)
        header.labels = labels
        header.hasSampleForEachSection = true
    }

    /// One that is there already and is gone on with.
    public init(opening path: String) throws(ImagingError) {
        self.path = path
        let file = try MRCFile(path: path)
        header = file.header
        header.hasSampleForEachSection = true
        for section in 0..<header.sections { statistics.add(try file.frame(section).pixels) }
    }

    /// The pixels first, then the header that tells of them; the first section brings the file under its name.
    public mutating func append(_ image: Image) throws(ImagingError) {
        guard image.width == header.width, image.height == header.height else {
            throw .sizesDiffer(
                what: "Section \(header.sections + 1) of \(path)", expected: "\(header.width) x \(header.height)",
                found: "\(image.width) x \(image.height)")
        }
        let isNew = header.sections == 0
        let file = try isNew ? PixelFile(besideTarget: path) : PixelFile(updating: path)
        var next = self
        do throws(ImagingError) { try next.write(image, to: file, isNew: isNew) } catch {
            if isNew { file.remove() }
            throw error
        }
        self = next
    }

    private mutating func write(_ image: Image, to file: PixelFile, isNew: Bool) throws(ImagingError) {
        let bytes = MRCPixels.encode(image.pixels, mode: header.mode)
        try file.write(bytes, at: header.fileBytes, target: path)
        statistics.add(header.mode == .float32 ? image.pixels : bytes.withUnsafeBytes { MRCPixels.decode($0, header: header) })
        header.sections += 1
        try file.write(header.bytes(statistics: statistics), at: 0, target: path)
        if isNew { try file.move(to: path) }
    }
}
