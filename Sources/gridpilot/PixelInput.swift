import Imaging
import RunModel

/// A file of pixels by hand: an MRC stack or image, or a PNG picture.
struct PixelInput: FrameSource {
    private let frames: any FrameSource
    /// Å; nil where the file does not tell.
    let pixelSize: Double?

    init(_ path: String) throws(ImagingError) {
        if path.lowercased().hasSuffix(".png") {
            frames = FrameList([try PNG.read(path: path).image])
            pixelSize = nil
        } else {
            let file = try MRCFile(path: path)
            frames = file
            pixelSize = file.pixelSize
        }
    }

    var width: Int { frames.width }
    var height: Int { frames.height }
    var frameCount: Int { frames.frameCount }
    func frame(_ index: Int) throws(ImagingError) -> Image { try frames.frame(index) }
    /// The first frame, which is all of an ordinary image.
    func image() throws(ImagingError) -> Image { try frame(0) }
}
