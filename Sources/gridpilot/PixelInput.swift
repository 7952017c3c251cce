import Imaging
import RunModel

/// A file of pixels by hand: an MRC or TIFF movie or image, or a PNG picture.
struct PixelInput: FrameSource {
    let movie: any MovieSource

    init(_ path: String) throws(ImagingError) { movie = try MovieFile.open(path: path) }

    /// Å; nil where the file does not tell.
    var pixelSize: Double? { movie.pixelSize }
    var width: Int { movie.width }
    var height: Int { movie.height }
    var frameCount: Int { movie.frameCount }
    var storedBits: Int { movie.storedBits }
    var name: String { movie.path }

    func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        try movie.read(index, into: target)
    }

    /// The first frame, which is all of an ordinary image.
    func image() throws(ImagingError) -> Image { try movie.frame(0) }
}
