import Imaging
import Microscope
import RunModel
import Simulator

/// Pictures and movies as they come off the chip, turned against the stage. To be called where pixels may be worked out.
extension RenderingCamera {
    func picture(_ order: PictureOrder) -> Image {
        guard order.magnification.isHigh else { return TurnedPicture(order).image() }
        // The ice is the same in every look at one place, so that two looks tell how far it has moved.
        let step = SpecimenPoint(x: (order.creep.x / 400).rounded(), y: (order.creep.y / 400).rounded()) * 400
        var view = order.view
        view.seed = view.icePattern(step)
        view.centre = view.centre - step * 1e-4
        let request = ExposureRequest(name: "", file: "", frames: 1, exposureTime: order.exposure, dose: order.dose)
        var painter = painter(of: view, order)
        return painter.still(request, displacedBy: order.creep - step, seed: order.view.seed).quarterTurned()
    }

    /// Writes a movie frame by frame, and sums its first frames.
    func movie(
        _ order: PictureOrder, _ request: ExposureRequest, _ kind: FrameKind, summing: Int, isCutShort: Bool
    ) throws(ImagingError) -> WrittenMovie {
        let writer = try FrameWriter(kind, order, request)
        var frames = FramePainter(order, self)
        var sum = Image(width: order.width, height: order.height)
        for index in 0..<request.frames {
            let frame = frames.frame(index, of: request)
            try writer.append(frame)
            if index < summing { sum = sum.combined(with: frame) { $0 + $1 } }
        }
        try writer.finish()
        if isCutShort { Self.cutShort(request.file) }
        return WrittenMovie(bytes: Self.size(of: request.file) ?? 0, frames: writer.frames, sum: sum)
    }

    fileprivate func painter(of view: CameraView, _ order: PictureOrder) -> MoviePainter {
        // Painted along the stage's axes, so that the quarter turn afterwards makes it as wide as the chip.
        let upright = CameraOptics(width: order.height, height: order.width, recordPixelSize: order.pixelSize)
        return MoviePainter(view, optics: upright, views: views(of: view.specimen, pixelSize: order.pixelSize))
    }
}

/// The frames of one movie, in their order.
private struct FramePainter {
    private var order: PictureOrder
    private var painter: MoviePainter?
    private var random: SplitMix64

    init(_ order: PictureOrder, _ camera: RenderingCamera) {
        self.order = order
        random = SplitMix64(seed: order.view.seed)
        guard order.magnification.isHigh else { return }
        var view = order.view
        view.centre = view.centre - order.creep * 1e-4
        painter = camera.painter(of: view, order)
    }

    mutating func frame(_ index: Int, of request: ExposureRequest) -> Image {
        if let frame = painter?.frame(index, of: request) { return frame.quarterTurned() }
        order.view.seed = random.next()
        return TurnedPicture(order).image().mapped { $0 / Float(request.frames) }
    }
}

extension CameraView {
    /// A seed for what lies in the ice at this place.
    fileprivate func icePattern(_ step: SpecimenPoint) -> UInt64 {
        let place = (Int((centre.x * 1e4).rounded()), Int((centre.y * 1e4).rounded()))
        return Seed.of(Seed.of(specimen.seed, 50, place.0, place.1), Int(step.x), Int(step.y))
    }
}
