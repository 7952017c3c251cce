import Glibc
import RunModel

/// A place in the specimen plane, µm along the stage's axes. Bare numbers, because pixels are painted by the million from it.
package struct SpecimenPoint: Hashable, Sendable {
    package var x: Double
    package var y: Double

    package static let zero = SpecimenPoint(x: 0, y: 0)

    package init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    package init(_ position: StagePosition) { self.init(x: position.x.micrometres, y: position.y.micrometres) }

    var stage: StagePosition { StagePosition(x: .micrometres(x), y: .micrometres(y)) }
    package var shift: PlaneShift { PlaneShift(x: .micrometres(x), y: .micrometres(y)) }
    package var length: Double { (x * x + y * y).squareRoot() }

    package static func + (left: Self, right: Self) -> Self { Self(x: left.x + right.x, y: left.y + right.y) }
    package static func - (left: Self, right: Self) -> Self { Self(x: left.x - right.x, y: left.y - right.y) }
    package static func * (left: Self, factor: Double) -> Self { Self(x: left.x * factor, y: left.y * factor) }

    /// Turned counter-clockwise, radians.
    package func turned(by angle: Double) -> Self {
        let (c, s) = (cos(angle), sin(angle))
        return Self(x: c * x - s * y, y: s * x + c * y)
    }

    /// Radians, counter-clockwise from x.
    package var angle: Double { atan2(y, x) }

    package static func polar(_ length: Double, _ angle: Double) -> Self { Self(x: length * cos(angle), y: length * sin(angle)) }
}

/// An upright rectangle of the specimen plane, µm.
public struct SpecimenArea: Hashable, Sendable {
    var low: SpecimenPoint
    var high: SpecimenPoint

    init(centre: SpecimenPoint, width: Double, height: Double) {
        low = SpecimenPoint(x: centre.x - width / 2, y: centre.y - height / 2)
        high = SpecimenPoint(x: centre.x + width / 2, y: centre.y + height / 2)
    }

    public init(centre: StagePosition, width: Length, height: Length) {
        self.init(centre: SpecimenPoint(centre), width: width.micrometres, height: height.micrometres)
    }

    func touches(_ centre: SpecimenPoint, reach: Double) -> Bool {
        centre.x + reach > low.x && centre.x - reach < high.x && centre.y + reach > low.y && centre.y - reach < high.y
    }
}

/// Smooth seeded noise of mean 0 and range -1 to 1: values on a lattice, joined smoothly.
struct SmoothNoise: Sendable {
    package let seed: UInt64
    /// Distance of lattice nodes, µm.
    let scale: Double

    func value(at point: SpecimenPoint) -> Double {
        let (fx, fy) = ((point.x / scale).rounded(.down), (point.y / scale).rounded(.down))
        let (ix, iy) = (Int(fx), Int(fy))
        let (u, v) = (Self.ease(point.x / scale - fx), Self.ease(point.y / scale - fy))
        let below = node(ix, iy) * (1 - u) + node(ix + 1, iy) * u
        let above = node(ix, iy + 1) * (1 - u) + node(ix + 1, iy + 1) * u
        return below * (1 - v) + above * v
    }

    private func node(_ x: Int, _ y: Int) -> Double { Double(Seed.of(seed, x, y) >> 11) * 0x1p-52 - 1 }
    private static func ease(_ t: Double) -> Double { t * t * (3 - 2 * t) }
}
