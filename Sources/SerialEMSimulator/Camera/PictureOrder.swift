import Imaging
import Simulator

/// What the camera is to make of the beam: which place, how large on the chip, and how it is turned.
struct PictureOrder: Sendable {
    var view: CameraView
    let magnification: Magnification
    /// Binned pixels.
    let width: Int
    let height: Int
    let binning: Int
    /// Seconds.
    let exposure: Double
    /// How far the specimen has crept since the stage came to rest, Å.
    var creep = SpecimenPoint.zero

    /// Å of a pixel of the image.
    var pixelSize: Double { magnification.pixelSize * Double(binning) }
    /// e/Å².
    var dose: Double { exposure * CameraParameters.doseRate }
    /// In a pixel of free beam at low magnification: no more than whole numbers of two bytes can hold.
    var electrons: Float { Float(min(magnification.electronRate * exposure * Double(binning * binning), 6000)) }
}

/// A low magnification as the camera has it: painted along the stage's axes, turned as the lenses turn it, then counted.
struct TurnedPicture {
    private let order: PictureOrder

    init(_ order: PictureOrder) { self.order = order }

    func image() -> Image {
        let (width, height) = (order.width, order.height)
        guard !order.view.isDark else { return counted(Image(width: width, height: height)) }
        let painter = TransmissionPainter(specimen: order.view.specimen)
        if order.magnification.rotation == 90 { return counted(painter.paint(field(height, width)).quarterTurned()) }
        let turn = Affine.turn(degrees: order.magnification.rotation, scale: 1)
        let (w, h) = (Double(width), Double(height))
        let (across, up) = (abs(turn.xx) * w + abs(turn.xy) * h, abs(turn.yx) * w + abs(turn.yy) * h)
        let upright = painter.paint(field(Int(across) + 3, Int(up) + 3))
        var source = turn
        let corner = turn.turning((w - 1) / 2, (h - 1) / 2)
        (source.dx, source.dy) = (Double(upright.width - 1) / 2 - corner.x, Double(upright.height - 1) / 2 - corner.y)
        return counted(upright.resampled(width: width, height: height, outside: 0, through: source))
    }

    private func field(_ width: Int, _ height: Int) -> PictureField {
        PictureField(centre: order.view.centre, pixelSize: order.pixelSize / 10_000, width: width, height: height)
    }

    /// Electrons, with the noise of counting, the weaker beam of the corners and the camera's amplification.
    private func counted(_ transmission: Image) -> Image {
        var (image, grain) = (transmission, Image(width: order.width, height: order.height))
        var noise = PixelNoise(seed: order.view.seed)
        grain.pixels.withUnsafeMutableBufferPointer { noise.fillGaussian($0) }
        let (half, level) = (Float(max(order.width, order.height)) / 2, order.electrons)
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            grain.pixels.withUnsafeBufferPointer { grain in
                for y in 0..<order.height {
                    let dy = (Float(y) - half) / half
                    for x in 0..<order.width {
                        let dx = (Float(x) - half) / half
                        let index = y * order.width + x
                        let counts = pixels[index] * level * (1 - 0.025 * (dx * dx + dy * dy))
                        pixels[index] = max(0, counts + (counts + 4).squareRoot() * grain[index]) * 4
                    }
                }
            }
        }
        return image
    }
}
