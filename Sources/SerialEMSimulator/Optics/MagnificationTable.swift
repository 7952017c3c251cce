import Imaging
import Simulator

/// One step of the magnification knob, and what the camera sees at it.
struct Magnification: Hashable, Sendable {
    /// From 1, as SerialEM counts.
    let index: Int
    let nominal: Double
    let isLowMag: Bool
    /// Å of an unbinned pixel.
    let pixelSize: Double
    /// Degrees from the image's axes (y up) to the stage's: the specimen lies at the stage position + pixel size × turned(offset in the image).
    let rotation: Double

    /// Fine enough to show molecules; coarser pictures show which part of the beam comes through.
    var isHigh: Bool { pixelSize < 10 }
    /// Electrons of the free beam in a second on an unbinned pixel.
    var electronRate: Double {
        isHigh ? CameraParameters.doseRate * pixelSize * pixelSize : pixelSize > 2000 ? 500 : pixelSize > 300 ? 260 : 90
    }

    /// µm along the stage's axes for an unbinned pixel right and up of the middle.
    var specimen: Affine { Affine.turn(degrees: rotation, scale: pixelSize / 10_000) }
}

/// The magnifications of the simulated column. Pixel sizes are for a camera of 1024 pixels across and shrink with larger ones, so that an
/// image always shows as much of the grid.
struct MagnificationTable: Sendable {
    let all: [Magnification]

    /// Å at 1024 pixels. The images of each range are turned against the stage in their own way, as behind real lenses.
    private static let low: [(nominal: Double, isLowMag: Bool, pixelSize: Double, rotation: Double)] = [
        (41, true, 8000, 87), (82, true, 4000, 87), (155, true, 2100, 87), (320, true, 1020, 87), (510, false, 640, -4.5),
        (1150, false, 284, -4.5), (2700, false, 120, 90), (5700, false, 57, 90),
    ]
    private static let high: [Double] = [11_500, 22_500, 45_000, 64_000, 81_000, 105_000, 130_000]
    private static let recordNominal = 81_000.0

    init(_ optics: CameraOptics) {
        let scale = 1024 / Double(min(optics.width, optics.height))
        let low = Self.low.enumerated().map { index, row in
            Magnification(
                index: index + 1, nominal: row.nominal, isLowMag: row.isLowMag, pixelSize: row.pixelSize * scale,
                rotation: row.rotation)
        }
        all =
            low
            + Self.high.enumerated().map { index, nominal in
                Magnification(
                    index: low.count + index + 1, nominal: nominal, isLowMag: false,
                    pixelSize: optics.recordPixelSize * Self.recordNominal / nominal, rotation: 90)
            }
    }

    let atlas = 2
    let search = 5
    let view = 7
    let record = 13

    /// nil beyond the table's ends.
    subscript(index: Int) -> Magnification? { all.indices.contains(index - 1) ? all[index - 1] : nil }

    /// The entry next to a nominal magnification; nil where none is within a seventh of it.
    func nearest(_ nominal: Double) -> Magnification? {
        guard nominal > 0, let best = all.min(by: { abs($0.nominal - nominal) < abs($1.nominal - nominal) }) else { return nil }
        return abs(best.nominal - nominal) <= 0.15 * best.nominal ? best : nil
    }
}

extension Affine {
    /// Exact at quarter turns, which cosines of rounded angles are not.
    static func turn(degrees: Double, scale: Double) -> Affine {
        let (c, s) = turned(degrees)
        return Affine(xx: scale * c, xy: -scale * s, yx: scale * s, yy: scale * c)
    }

    private static func turned(_ degrees: Double) -> (c: Double, s: Double) {
        if degrees == 90 { return (0, 1) }
        let point = SpecimenPoint(x: 1, y: 0).turned(by: degrees * .pi / 180)
        return (point.x, point.y)
    }

    func turning(_ point: SpecimenPoint) -> SpecimenPoint {
        let (x, y) = turning(point.x, point.y)
        return SpecimenPoint(x: x, y: y)
    }
}
