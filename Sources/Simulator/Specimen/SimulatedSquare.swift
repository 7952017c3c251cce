import Glibc
import RunModel

/// A window of the mesh as it truly is.
public struct SimulatedSquare: Hashable, Sendable {
    /// Where it lies on the mesh, counted from the middle of the grid.
    public let column: Int
    public let row: Int
    public let targetClass: TargetClass
    package private(set) var centre: SpecimenPoint
    let halfSide: Double
    /// Radians, counter-clockwise from the stage's x axis.
    package private(set) var angle: Double
    package let seed: UInt64
    let ice: IceLayer
    let tear: Tear?

    func placed(turnedBy turn: Double, movedBy shift: SpecimenPoint) -> Self {
        var placed = self
        placed.centre = centre.turned(by: turn) + shift
        placed.angle += turn
        return placed
    }

    public var position: StagePosition { centre.stage }
    public var side: Length { .micrometres(2 * halfSide) }
    /// Radius of its rounded corners, µm.
    var cornerRadius: Double { halfSide * 0.18 }

    /// Distance to the window's edge, µm, negative inside; `local` is from the centre along the mesh.
    @inline(__always)
    func distanceToEdge(_ local: SpecimenPoint) -> Double {
        let dx = abs(local.x) - halfSide + cornerRadius
        let dy = abs(local.y) - halfSide + cornerRadius
        let (px, py) = (max(dx, 0), max(dy, 0))
        return (px * px + py * py).squareRoot() + min(max(dx, dy), 0) - cornerRadius
    }

    func local(_ point: SpecimenPoint) -> SpecimenPoint { (point - centre).turned(by: -angle) }
    func contains(_ point: SpecimenPoint) -> Bool { distanceToEdge(local(point)) < 0 }
}

/// The vitrified film of one square: how thick it is from place to place.
struct IceLayer: Hashable, Sendable {
    /// nm at the square's centre.
    let thickness: Double
    /// nm per µm along the square's axes.
    let gradient: SpecimenPoint
    let unevenness: Double
    package let seed: UInt64

    /// nm; thicker towards the bars, where the drop drained last. `edge` is the distance to the window's edge, negative inside.
    func thickness(at local: SpecimenPoint, edge: Double) -> Double {
        let uneven = SmoothNoise(seed: seed, scale: 9).value(at: local) * unevenness
        let meniscus = 55 * exp(edge / 2.2)
        return max(8, thickness + gradient.x * local.x + gradient.y * local.y + uneven + meniscus)
    }
}

/// A hole torn into the film: a ragged star around a point.
struct Tear: Hashable, Sendable {
    package let centre: SpecimenPoint
    let radius: Double
    let points: Double
    let phase: Double

    /// Distance to the tear's rim, µm, negative in the torn part.
    func distance(_ local: SpecimenPoint) -> Double {
        let offset = local - centre
        let length = offset.length
        guard length < radius * 2.2 else { return length - radius * 2 }
        let direction = atan2(offset.y, offset.x)
        let wave = cos(points * direction + phase)
        let ragged = 0.12 * sin(7 * direction + 2 * phase) + 0.07 * sin(13 * direction - phase)
        return length - radius * (0.55 + 0.85 * max(0, wave) * max(0, wave) * max(0, wave) + ragged)
    }
}

/// A hole of the foil as it truly is.
public struct SimulatedHole: Hashable, Sendable {
    /// Its node on the foil's lattice.
    public let column: Int
    public let row: Int
    public let targetClass: TargetClass
    /// nm of ice in its middle; 0 where the film has burst.
    public let iceThickness: Double
    package let centre: SpecimenPoint
    let radius: Double

    public var position: StagePosition { centre.stage }
    public var diameter: Length { .micrometres(2 * radius) }
}

/// A clump of frost or dirt lying on the film.
struct ContaminationBlob: Hashable, Sendable {
    package let centre: SpecimenPoint
    /// µm.
    let radius: Double
    let elongation: Double
    package let angle: Double
    /// Part of the beam taken away in its middle.
    let opacity: Double
}
