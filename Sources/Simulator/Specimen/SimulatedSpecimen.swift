import Glibc
import RunModel

/// A seeded grid: squares, holes, ice, dirt and particles in stage coordinates, the same at every magnification.
///
/// A value without big arrays: squares are made once, everything below them is worked out from the seed where it is asked for.
public struct SimulatedSpecimen: Sendable {
    public let seed: UInt64
    public let holeType: HoleType
    public let meshPitch: Length
    public let squareSide: Length
    /// From the grid's middle to the inner edge of its rim.
    public let radius: Length
    public private(set) var squares: [SimulatedSquare]
    /// Radians.
    private(set) var meshAngle: Double
    private(set) var foil: FoilLattice

    public init(seed: UInt64, holeType: HoleType? = nil, radius: Length = .micrometres(560)) {
        var random = SplitMix64(seed: Seed.of(seed, 1))
        self.seed = seed
        let holeType = holeType ?? .usual
        self.holeType = holeType
        self.radius = radius
        let pitch = random.uniform(68...76)
        meshPitch = .micrometres(pitch)
        squareSide = .micrometres(pitch * 0.66)
        meshAngle = random.uniform(3...14) * (random.chance(0.5) ? 1 : -1) * .pi / 180
        foil = FoilLattice(
            seed: Seed.of(seed, 2), spacing: holeType.spacing.micrometres,
            angle: meshAngle + random.uniform(2...12) * (random.chance(0.5) ? 1 : -1) * .pi / 180)
        squares = SquareMaker(seed: seed, pitch: pitch, radius: radius.micrometres, angle: meshAngle, random: &random).squares()
    }

    /// The same grid, lying otherwise on the stage: turned counter-clockwise around the stage's middle, radians, then moved.
    package func placed(turnedBy turn: Double, movedBy shift: SpecimenPoint) -> Self {
        var placed = self
        placed.squares = squares.map { $0.placed(turnedBy: turn, movedBy: shift) }
        placed.meshAngle += turn
        placed.foil = foil.placed(turnedBy: turn, movedBy: shift)
        return placed
    }

    /// Squares of which some part may lie in the area, bottom row first.
    public func squares(in area: SpecimenArea) -> [SimulatedSquare] {
        squares.filter { area.touches($0.centre, reach: $0.halfSide * 1.42) }
    }

    /// The square whose window a place lies in.
    public func square(at position: StagePosition) -> SimulatedSquare? {
        let point = SpecimenPoint(position)
        return squares.first { $0.contains(point) }
    }

    /// The square whose centre is nearest; nil on a grid without squares.
    public func nearestSquare(to position: StagePosition) -> SimulatedSquare? {
        squares.min { $0.position.distance(to: position) < $1.position.distance(to: position) }
    }

    /// The holes of a square's foil that lie wholly in its window and not in a tear, bottom row first.
    public func holes(of square: SimulatedSquare) -> [SimulatedHole] {
        let margin = holeType.diameter.micrometres * 0.6
        let dirt = contamination(of: square)
        return foil.nodes(of: square).compactMap { node in
            let local = square.local(node.point)
            guard square.distanceToEdge(local) < -margin, (square.tear?.distance(local) ?? .infinity) > margin else { return nil }
            return hole(at: node, local: local, of: square, dirt: dirt)
        }
    }

    /// The hole nearest to a place, whichever square it is in; nil beside the foil.
    public func nearestHole(to position: StagePosition) -> SimulatedHole? {
        guard let square = nearestSquare(to: position) else { return nil }
        return holes(of: square).min { $0.position.distance(to: position) < $1.position.distance(to: position) }
    }

    /// How high the film lies at a place: the stage's z that brings it to the eucentric height.
    public func height(at position: StagePosition) -> Length {
        let point = SpecimenPoint(position)
        let wide = SmoothNoise(seed: Seed.of(seed, 3), scale: 240).value(at: point) * 9
        let narrow = SmoothNoise(seed: Seed.of(seed, 4), scale: 45).value(at: point) * 0.6
        return .micrometres(wide + narrow + Double(seed % 41) - 20)
    }

    /// Whether the film over a hole has broken and let everything out.
    func isBurst(column: Int, row: Int, in square: SimulatedSquare) -> Bool {
        var random = SplitMix64(seed: Seed.of(seed, 5, column, row))
        return random.chance(square.targetClass == .cracked ? 0.25 : 0.03)
    }

    private func hole(
        at node: FoilLattice.Node, local: SpecimenPoint, of square: SimulatedSquare, dirt: [ContaminationBlob]
    ) -> SimulatedHole {
        let burst = isBurst(column: node.column, row: node.row, in: square)
        let thickness = burst ? 0 : square.ice.thickness(at: local, edge: square.distanceToEdge(local)) * 0.8
        let dirty = dirt.contains {
            ($0.centre - node.point).length < holeType.diameter.micrometres / 2 + $0.radius * 0.5 && $0.radius > 0.2
        }
        let targetClass: TargetClass = burst ? .cracked : dirty ? .contaminated : thickness > 130 ? .dark : .good
        return SimulatedHole(
            column: node.column, row: node.row, targetClass: targetClass, iceThickness: thickness, centre: node.point,
            radius: holeType.diameter.micrometres / 2)
    }
}

extension HoleType {
    /// The commonest film, taken where a grid's hole type is unknown.
    static let usual = HoleType("R1.2/1.3")!  // The text is one that HoleType reads; its tests hold it.
}
