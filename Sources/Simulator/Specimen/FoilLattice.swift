/// The regular holes of the foil: one sheet over the whole grid, a little warped from square to square.
struct FoilLattice: Sendable {
    struct Node: Hashable, Sendable {
        package let column: Int
        let row: Int
        let point: SpecimenPoint
    }

    package let seed: UInt64
    /// µm between the centres of neighbouring holes.
    let spacing: Double
    /// Radians.
    package private(set) var angle: Double
    /// Where the sheet's own middle lies.
    private var shift = SpecimenPoint.zero

    init(seed: UInt64, spacing: Double, angle: Double) {
        self.seed = seed
        self.spacing = spacing
        self.angle = angle
    }

    func placed(turnedBy turn: Double, movedBy shift: SpecimenPoint) -> Self {
        var placed = self
        placed.angle += turn
        placed.shift = self.shift.turned(by: turn) + shift
        return placed
    }

    /// The nodes under a square's window, bottom row first.
    func nodes(of square: SimulatedSquare) -> [Node] {
        let frame = frame(of: square)
        let reach = Int((square.halfSide * 1.42 / spacing).rounded(.up))
        return (-reach...reach).flatMap { row in
            (-reach...reach).map { column in
                Node(
                    column: frame.column + column, row: frame.row + row,
                    point: frame.origin
                        + SpecimenPoint(x: Double(column) * spacing, y: Double(row) * spacing).turned(by: frame.angle))
            }
        }
    }

    /// The lattice as it lies in one square: the node nearest the square's centre, and the local direction.
    package func frame(of square: SimulatedSquare) -> (origin: SpecimenPoint, column: Int, row: Int, angle: Double) {
        let flat = (square.centre - shift).turned(by: -angle)
        let (column, row) = ((flat.x / spacing).rounded(), (flat.y / spacing).rounded())
        var random = SplitMix64(seed: Seed.of(seed, square.column, square.row))
        return (
            SpecimenPoint(x: column * spacing, y: row * spacing).turned(by: angle) + shift, Int(column), Int(row),
            angle + random.normal() * 0.004
        )
    }
}
