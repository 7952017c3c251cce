import Glibc
import Imaging
import RunModel

/// An image turned to the stage's axes, as all maps are kept.
struct StagePicture: Sendable {
    let image: Image
    /// Å.
    let pixelSize: Double
    let centre: StagePosition

    /// `toStage`: from pixels of `image`, the first pixel's centre at (0, 0) and the bottom row first, to µm. Nil where it makes no sense.
    init?(_ image: Image, toStage: Affine) {
        guard let toImage = toStage.inverse, image.width > 0, image.height > 0 else { return nil }
        let micrometres = abs(toStage.determinant).squareRoot()
        let middle = toStage(Double(image.width - 1) / 2, Double(image.height - 1) / 2)
        // From a hundredth of an ångström a pixel to a millimetre, within a decimetre of the middle: anything else is no microscope's.
        guard (1e-6...1e3).contains(micrometres), abs(middle.x) < 1e5, abs(middle.y) < 1e5 else { return nil }
        // An image that lies on its side stays whole.
        let isUpright = abs(toStage.xx) + abs(toStage.yy) >= abs(toStage.xy) + abs(toStage.yx)
        let (width, height) = isUpright ? (image.width, image.height) : (image.height, image.width)
        let toPlace = Affine(
            xx: micrometres, xy: 0, yx: 0, yy: micrometres, dx: middle.x - micrometres * Double(width - 1) / 2,
            dy: middle.y - micrometres * Double(height - 1) / 2)
        // Corners that nobody has seen are as dark as the bars.
        let dark = image.percentiles([0.01])[0]
        self.image = image.resampled(width: width, height: height, outside: dark, through: toImage.after(toPlace))
        pixelSize = micrometres * 10_000
        centre = StagePosition(x: .micrometres(middle.x), y: .micrometres(middle.y))
    }

    func write(to file: String) throws(MicroscopeError) {
        do throws(ImagingError) { try MRCFile.write(image, to: file, mode: .int16, pixelSize: pixelSize) } catch {
            throw .fileNotWritten(path: file, reason: error.sentence)
        }
    }

    func map(file: String, at moment: Timestamp) -> MapImage {
        MapImage(file: file, width: image.width, height: image.height, pixelSize: pixelSize, centre: centre, takenAt: moment)
    }
}
