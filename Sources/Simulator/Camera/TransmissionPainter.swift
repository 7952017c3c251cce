import Glibc
import Imaging
import RunModel

/// A picture's place on the specimen: µm, row 0 at the bottom, along the stage's axes.
package struct PictureField: Sendable {
    package let centre: SpecimenPoint
    /// µm.
    package let pixelSize: Double
    package let width: Int
    package let height: Int

    package init(centre: SpecimenPoint, pixelSize: Double, width: Int, height: Int) {
        self.centre = centre
        self.pixelSize = pixelSize
        self.width = width
        self.height = height
    }

    var area: SpecimenArea { SpecimenArea(centre: centre, width: Double(width) * pixelSize, height: Double(height) * pixelSize) }

    @inline(__always)
    func point(_ x: Int, _ y: Int) -> SpecimenPoint {
        SpecimenPoint(
            x: centre.x + (Double(x) - Double(width - 1) / 2) * pixelSize,
            y: centre.y + (Double(y) - Double(height - 1) / 2) * pixelSize)
    }

    /// Columns and rows around a place, kept to the picture; nil where it lies outside.
    func pixels(around point: SpecimenPoint, reach: Double) -> (columns: Range<Int>, rows: Range<Int>)? {
        let x = (point.x - centre.x) / pixelSize + Double(width - 1) / 2
        let y = (point.y - centre.y) / pixelSize + Double(height - 1) / 2
        let r = reach / pixelSize + 1
        guard x + r >= 0, y + r >= 0, x - r < Double(width), y - r < Double(height) else { return nil }
        return (
            max(0, Int(x - r))..<min(width, max(0, Int(x + r)) + 1), max(0, Int(y - r))..<min(height, max(0, Int(y + r)) + 1)
        )
    }
}

/// Paints which part of the beam comes through: one picture of the specimen for every magnification.
///
/// Bars stop it, foil takes four tenths, ice takes its share by thickness; burst holes and tears let all through.
package struct TransmissionPainter {
    package let specimen: SimulatedSpecimen

    package init(specimen: SimulatedSpecimen) { self.specimen = specimen }

    static let bar: Float = 0.035
    static let foil: Float = 0.6
    /// nm of ice that leave 1/e of the beam.
    static let iceLength = 210.0

    package func paint(_ field: PictureField) -> Image {
        var image = Image(width: field.width, height: field.height, filledWith: Self.bar)
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            for square in specimen.squares(in: field.area) {
                SquarePainter(specimen: specimen, square: square, field: field).paint(pixels)
                for blob in specimen.contamination(of: square) { paint(blob, field, pixels) }
            }
            paintRim(field, pixels)
        }
        return image
    }

    private func paint(_ blob: ContaminationBlob, _ field: PictureField, _ pixels: UnsafeMutableBufferPointer<Float>) {
        let reach = blob.radius * blob.elongation * 1.4
        guard let (columns, rows) = field.pixels(around: blob.centre, reach: reach) else { return }
        let (c, s) = (cos(blob.angle), sin(blob.angle))
        let edge = max(field.pixelSize / blob.radius, 0.12)
        for y in rows {
            for x in columns {
                let offset = field.point(x, y) - blob.centre
                let u = (c * offset.x + s * offset.y) / (blob.radius * blob.elongation)
                let v = (c * offset.y - s * offset.x) / blob.radius
                let distance = (u * u + v * v).squareRoot()
                guard distance < 1.3 else { continue }
                let ragged = 0.1 * sin(5 * u + 9 * v) + 0.08 * sin(11 * u - 4 * v)
                let covered = min(max((1 + ragged - distance) / edge + 0.5, 0), 1) * blob.opacity
                pixels[y * field.width + x] *= Float(1 - covered)
            }
        }
    }

    /// Outside the mesh there is solid metal, and nothing beyond.
    private func paintRim(_ field: PictureField, _ pixels: UnsafeMutableBufferPointer<Float>) {
        let radius = specimen.radius.micrometres
        let farthest = field.centre.length + Double(field.width + field.height) * field.pixelSize
        guard farthest > radius else { return }
        for y in 0..<field.height {
            for x in 0..<field.width {
                let distance = field.point(x, y).length
                guard distance > radius - field.pixelSize else { continue }
                let inside = Float(min(max((radius - distance) / field.pixelSize + 0.5, 0), 1))
                let index = y * field.width + x
                pixels[index] = pixels[index] * inside + 0.012 * (1 - inside)
            }
        }
    }
}
