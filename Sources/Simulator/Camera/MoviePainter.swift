import Glibc
import Imaging
import Microscope
import RunModel

/// Renders Record exposures: molecules and amorphous ice through the lens, moved from frame to frame, counted electron by electron.
///
/// The specimen goes through the lens once; each frame is that transform with a phase ramp, turned back.
package struct MoviePainter {
    private let view: CameraView
    private let field: PictureField
    /// Å.
    private let pixelSize: Double
    /// The part of the beam that comes through, pixel by pixel.
    private let beam: Image
    private let filtered: Spectrum
    private var noise: PixelNoise

    /// `views`: the molecule at this pixel size.
    package init(_ view: CameraView, optics: CameraOptics, views: ParticleViews) {
        self.view = view
        pixelSize = optics.recordPixelSize
        field = PictureField(
            centre: view.centre, pixelSize: pixelSize / 10_000, width: optics.width, height: optics.height)
        noise = PixelNoise(seed: view.seed)
        beam = Self.beam(view, field)
        var potential = Self.amorphous(view, field)
        Self.stamp(views, of: view, field, onto: &potential)
        var spectrum = FourierTransform.forward(potential)
        var lens = ContrastTransfer(view)
        // No two exposures are equally sharp: charging and vibration differ.
        var random = SplitMix64(seed: Seed.of(view.seed, 3))
        lens.falloff += Self.iceLoss(view) * 90 + random.uniform(0...30)
        lens.apply(to: &spectrum, pixelSize: pixelSize)
        filtered = spectrum
    }

    /// Å of displacement at a time after the shutter opened: an early jump when the beam charges the ice, and the stage's drift.
    private func displacement(at seconds: Double) -> SpecimenPoint {
        var random = SplitMix64(seed: Seed.of(view.seed, 2))
        let jump = SpecimenPoint.polar(random.uniform(1.5...5), random.uniform(0...(2 * .pi)))
        return jump * (1 - exp(-seconds / 0.35)) + view.drift * seconds
    }

    /// Frame `index` of so many; counts of electrons.
    package mutating func frame(_ index: Int, of request: ExposureRequest) -> Image {
        let seconds = request.exposureTime * (Double(index) + 0.5) / Double(request.frames)
        let perPixel = request.dose / Double(request.frames) * pixelSize * pixelSize
        return exposed(displacement(at: seconds) * (1 / pixelSize), electrons: view.isDark ? 0.02 : perPixel)
    }

    /// All of an exposure in one image, with the specimen elsewhere by so many Å; `seed` decides its counts.
    package mutating func still(_ request: ExposureRequest, displacedBy offset: SpecimenPoint, seed: UInt64) -> Image {
        noise = PixelNoise(seed: seed)
        let moved = displacement(at: request.exposureTime / 2) + offset
        return exposed(moved * (1 / pixelSize), electrons: view.isDark ? 0.02 : request.dose * pixelSize * pixelSize)
    }

    private mutating func exposed(_ shift: SpecimenPoint, electrons: Double) -> Image {
        var image = FourierTransform.inverse(moved(by: shift))
        let counts = ElectronCounts(highest: max(electrons * 2.2, 0.1))
        let mean = Float(electrons)
        beam.pixels.withUnsafeBufferPointer { beam in
            image.pixels.withUnsafeMutableBufferPointer { pixels in
                for index in 0..<pixels.count { pixels[index] = mean * beam[index] * (1 + pixels[index]) }
                counts.draw(pixels, &noise)
            }
        }
        return image
    }

    /// Content goes by +s where the transform is multiplied by exp(−2πi k·s), s in pixels.
    private func moved(by shift: SpecimenPoint) -> Spectrum {
        var result = filtered
        let (width, height, columns) = (filtered.width, filtered.height, filtered.columns)
        func ramp(_ index: Int, _ size: Int, _ shift: Double) -> SIMD2<Float> {
            let angle = -2 * Double.pi * Double(index) / Double(size) * shift
            return SIMD2(Float(cos(angle)), Float(sin(angle)))
        }
        let across = (0..<columns).map { ramp($0, width, shift.x) }
        result.values.withUnsafeMutableBufferPointer { values in
            across.withUnsafeBufferPointer { across in
                for row in 0..<height {
                    let up = ramp(row <= height / 2 ? row : row - height, height, shift.y)
                    for column in 0..<columns {
                        let side = across[column]
                        let (c, s) = (side.x * up.x - side.y * up.y, side.x * up.y + side.y * up.x)
                        let index = 2 * (row &* columns &+ column)
                        let (re, im) = (values[index], values[index + 1])
                        values[index] = re * c - im * s
                        values[index + 1] = re * s + im * c
                    }
                }
            }
        }
        return result
    }
}

/// What lies in the ice at one place.
extension MoviePainter {
    /// 0 in thin ice, 1 where it is so thick that little comes through unscattered.
    private static func iceLoss(_ view: CameraView) -> Double {
        guard let square = view.specimen.nearestSquare(to: view.position) else { return 1 }
        let local = square.local(view.centre)
        let thickness = square.ice.thickness(at: local, edge: min(0, square.distanceToEdge(local)))
        return min(1, max(0, (thickness - 40) / 250))
    }

    /// The same transmission as at low magnification, painted coarsely and drawn out.
    private static func beam(_ view: CameraView, _ field: PictureField) -> Image {
        let step = 8
        let coarse = PictureField(
            centre: field.centre, pixelSize: field.pixelSize * Double(step), width: field.width / step + 3,
            height: field.height / step + 3)
        let small = TransmissionPainter(specimen: view.specimen).paint(coarse)
        var image = Image(width: field.width, height: field.height)
        let (left, low) = (offset(field.width, coarse.width, step), offset(field.height, coarse.height, step))
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            small.pixels.withUnsafeBufferPointer { small in
                for y in 0..<field.height {
                    let v = Double(y) / Double(step) + low
                    let (row, fy) = (Int(v), Float(v - v.rounded(.down)))
                    for x in 0..<field.width {
                        let u = Double(x) / Double(step) + left
                        let (column, fx) = (Int(u), Float(u - u.rounded(.down)))
                        let i = row &* coarse.width &+ column
                        let below = small[i] + (small[i + 1] - small[i]) * fx
                        let above = small[i + coarse.width] + (small[i + coarse.width + 1] - small[i + coarse.width]) * fx
                        pixels[y &* field.width &+ x] = below + (above - below) * fy
                    }
                }
            }
        }
        return image
    }

    /// Coarse pixels from the coarse picture's first to the fine picture's first.
    private static func offset(_ fine: Int, _ coarse: Int, _ step: Int) -> Double {
        Double(coarse - 1) / 2 - Double(fine - 1) / 2 / Double(step)
    }

    /// Frozen water has no order: every frequency alike, which is what shows the lens's rings.
    private static func amorphous(_ view: CameraView, _ field: PictureField) -> Image {
        var image = Image(width: field.width, height: field.height)
        var noise = PixelNoise(seed: Seed.of(view.seed, 1))
        // Per Å² of specimen the contrast is the same, so a larger pixel averages more of it away.
        let strength = Float(0.26 * (1 - 0.5 * iceLoss(view)) / (field.pixelSize * 10_000))
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            noise.fillGaussian(pixels)
            for index in 0..<pixels.count { pixels[index] *= strength }
        }
        return image
    }

    private static func stamp(_ views: ParticleViews, of view: CameraView, _ field: PictureField, onto image: inout Image) {
        let strength = Float(0.085 * (1 - 0.6 * iceLoss(view)))
        for particle in view.specimen.particles(in: field.area, views: ParticleViews.count) {
            let picture = views.views[particle.view]
            let half = Double(picture.width - 1) / 2
            let x = Int(((particle.centre.x - field.centre.x) / field.pixelSize + Double(field.width - 1) / 2 - half).rounded())
            let y = Int(((particle.centre.y - field.centre.y) / field.pixelSize + Double(field.height - 1) / 2 - half).rounded())
            let columns = max(0, -x)..<max(max(0, -x), min(picture.width, field.width - x))
            let rows = max(0, -y)..<max(max(0, -y), min(picture.height, field.height - y))
            for row in rows {
                let (to, from) = ((y + row) * field.width + x, row * picture.width)
                for column in columns { image.pixels[to + column] += strength * picture.pixels[from + column] }
            }
        }
    }
}
