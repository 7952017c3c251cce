/// Opens whatever holds pictures.
public enum MovieFile {
    /// By what the file begins with; a kind that is not read here is refused by its name. `eer`: how the events of a counting camera become frames.
    public static func open(path: String, eer: EERSettings = EERSettings()) throws(ImagingError) -> any MovieSource {
        let file = try PixelFile(reading: path)
        let size = try file.size()
        guard size > 0 else { throw .cannotRead(file: path, reason: "it is empty") }
        switch PixelFileKind(firstBytes: try file.read(at: 0, count: min(PixelFileKind.bytesNeeded, size))) {
        case .mrc: return try MRCFile(path: path)
        case .tiff: return try TIFFFile.movie(path: path, eer: eer)
        case .png: return PictureFile(path: path, picture: try PNG.read(path: path).image)
        case .micrograph: return PictureFile(path: path, picture: try DMFile.image(path: path))
        case .other(let name): throw .otherKind(file: path, kind: name)
        }
    }
}

/// A picture as a movie of one frame.
private struct PictureFile: MovieSource {
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
