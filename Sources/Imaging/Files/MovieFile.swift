/// Opens whatever holds pictures.
public enum MovieFile {
    /// By what the file begins with; a kind that is not read here is refused by its name. `eer`: how the events of a counting camera become frames.
    ///
    /// Reads what tells of the pixels, and none of them.
    public static func open(path: String, eer: EERSettings = EERSettings()) throws(ImagingError) -> any MovieSource {
        let file = try PixelFile(reading: path)
        let size = try file.size()
        guard size > 0 else { throw .cannotRead(file: path, reason: "it is empty") }
        switch PixelFileKind(firstBytes: try file.read(at: 0, count: min(PixelFileKind.bytesNeeded, size))) {
        case .mrc: return try MRCFile(path: path)
        case .tiff: return try TIFFFile.movie(path: path, eer: eer)
        case .png: return try PNGFile(path: path)
        case .micrograph: return try DMFile(path: path)
        case .other(let name): throw .otherKind(file: path, kind: name)
        }
    }
}
