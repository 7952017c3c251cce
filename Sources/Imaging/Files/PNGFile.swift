/// A PNG picture as a movie of one frame. Opening it looks at its first part and whether it goes on to its last.
struct PNGFile: MovieSource {
    let path: String
    let width: Int
    let height: Int
    private let file: PixelFile
    private let size: Int

    var frameCount: Int { 1 }
    var pixelSize: Double? { nil }

    /// Behind the signature: the length of the first part, its name, and how many pixels there are.
    private static let headBytes = 24
    private static let signatureBytes = 8
    /// Parts of a picture; programs write some thousands of them.
    private static let mostParts = 1 << 20

    init(path: String) throws(ImagingError) {
        let file = try PixelFile(reading: path)
        let size = try file.size()
        guard size >= Self.headBytes else { throw .notAPNG(file: path, detail: "it is shorter than its header") }
        let head = MRCValues(bytes: try file.read(at: 0, count: Self.headBytes), isBigEndian: true)
        guard head.bytes[12..<16].elementsEqual("IHDR".utf8) else { throw .notAPNG(file: path, detail: "it has no header") }
        let (width, height) = (Int(head.unsigned(16, count: 4)), Int(head.unsigned(20, count: 4)))
        guard width > 0, height > 0, width <= PNG.largest / height else {
            throw .notAPNG(file: path, detail: "its header tells of \(width) x \(height) pixels")
        }
        (self.path, self.width, self.height, self.file, self.size) = (path, width, height, file, size)
        try checkEnd()
    }

    /// Each part: its length, its name, as many bytes, and four that prove them.
    private func checkEnd() throws(ImagingError) {
        var at = Self.signatureBytes
        for _ in 0..<Self.mostParts {
            guard at + 12 <= size else { throw .truncated(file: path, expectedBytes: at + 12, foundBytes: size) }
            let part = MRCValues(bytes: try file.read(at: at, count: 8), isBigEndian: true)
            at += 12 + Int(part.unsigned(0, count: 4))
            if part.bytes[4..<8].elementsEqual("IEND".utf8), at <= size { return }
        }
        throw .notAPNG(file: path, detail: "it has too many parts")
    }

    func frame(_ index: Int) throws(ImagingError) -> Image {
        guard index == 0 else { throw .noSuchFrame(file: path, frame: index, count: 1) }
        let picture = try PNG.decode(file.read(at: 0, count: size), file: path)
        guard picture.width == width, picture.height == height else {
            throw .cannotRead(file: path, reason: "it was written to meanwhile")
        }
        return picture.image
    }
}
