/// What kind of pictures a file holds, by its first bytes: endings are chosen by people.
public enum PixelFileKind: Sendable, Equatable {
    case mrc, tiff, png

    /// Anything that is neither TIFF nor PNG may be an MRC image: old ones have no mark.
    public init(firstBytes bytes: [UInt8]) {
        let start = Array(bytes.prefix(4))
        let tiffs: [[UInt8]] = [[0x49, 0x49, 42, 0], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 42], [0x4D, 0x4D, 0, 43]]
        if tiffs.contains(start) { self = .tiff } else if start == [0x89, 0x50, 0x4E, 0x47] { self = .png } else { self = .mrc }
    }
}

/// Opens whatever holds pictures.
public enum MovieFile {
    /// MRC, TIFF or PNG by what the file begins with; EER is refused by its name or its compression.
    public static func open(path: String) throws(ImagingError) -> any MovieSource {
        if path.lowercased().hasSuffix(".eer") { throw .notReadYet(file: path, kind: "EER") }
        let file = try PixelFile(reading: path)
        let size = try file.size()
        return switch PixelFileKind(firstBytes: try file.read(at: 0, count: min(4, size))) {
        case .mrc: try MRCFile(path: path)
        case .tiff: try TIFFFile(path: path)
        case .png: PNGFile(path: path, picture: try PNG.read(path: path).image)
        }
    }
}

/// A picture as a movie of one frame.
private struct PNGFile: MovieSource {
    let path: String
    let picture: Image

    var width: Int { picture.width }
    var height: Int { picture.height }
    var frameCount: Int { 1 }
    var pixelSize: Double? { nil }

    func frame(_ index: Int) throws(ImagingError) -> Image {
        guard index == 0 else { throw .noSuchFrame(file: path, frame: index, count: 1) }
        return picture
    }

    func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        target.copy(try frame(index))
    }
}
