import Glibc
import Imaging
import RunModel

/// Paints one square: window, ice, foil with its holes, and tears.
struct SquarePainter {
    private let square: SimulatedSquare
    private let field: PictureField
    private let ice: IceMap
    private let holes: HoleTable
    private let turn: (c: Double, s: Double)
    /// µm over which edges fade: never less than a pixel.
    private let windowEdge: Double

    init(specimen: SimulatedSpecimen, square: SimulatedSquare, field: PictureField) {
        self.square = square
        self.field = field
        ice = IceMap(square)
        holes = HoleTable(specimen, square, pixelSize: field.pixelSize)
        turn = (cos(-square.angle), sin(-square.angle))
        windowEdge = max(field.pixelSize, 0.35)
    }

    func paint(_ pixels: UnsafeMutableBufferPointer<Float>) {
        guard let (columns, rows) = field.pixels(around: square.centre, reach: square.halfSide * 1.42) else { return }
        for y in rows {
            for x in columns {
                let offset = field.point(x, y) - square.centre
                let local = SpecimenPoint(
                    x: turn.c * offset.x - turn.s * offset.y, y: turn.s * offset.x + turn.c * offset.y)
                let edge = square.distanceToEdge(local)
                guard edge < windowEdge else { continue }
                let open = Float(min(max(0.5 - edge / windowEdge, 0), 1))
                let index = y * field.width + x
                pixels[index] += (transmission(at: local, offset) - pixels[index]) * open
            }
        }
    }

    @inline(__always)
    private func transmission(at local: SpecimenPoint, _ offset: SpecimenPoint) -> Float {
        let hole = holes.cover(offset)
        let film = ice.value(local) * (TransmissionPainter.foil + (1 - TransmissionPainter.foil) * hole.open) * hole.rim
        let intact = film + (1 - film) * hole.burst
        guard let tear = square.tear else { return intact }
        let distance = tear.distance(local)
        guard distance < 0.7 else { return intact }
        // The torn film curls up along the tear and shows dark.
        if distance > 0 { return intact * (0.72 + 0.4 * Float(distance)) }
        let torn = Float(min(-distance / windowEdge, 1))
        return intact * 0.72 * (1 - torn) + torn
    }
}

/// The ice's transmission over a square, on a lattice of nodes a micrometre or two apart.
private struct IceMap {
    private static let nodes = 40
    private let values: [Float]
    private let start: Double
    private let perMicrometre: Double

    init(_ square: SimulatedSquare) {
        let reach = square.halfSide + 0.5
        let step = 2 * reach / Double(Self.nodes - 1)
        start = -reach
        perMicrometre = 1 / step
        values = (0..<Self.nodes * Self.nodes).map { index in
            let local = SpecimenPoint(
                x: -reach + Double(index % Self.nodes) * step, y: -reach + Double(index / Self.nodes) * step)
            let thickness = square.ice.thickness(at: local, edge: min(0, square.distanceToEdge(local)))
            return Float(exp(-thickness / TransmissionPainter.iceLength))
        }
    }

    @inline(__always)
    func value(_ local: SpecimenPoint) -> Float {
        let last = Double(Self.nodes) - 1.001
        let x = min(max((local.x - start) * perMicrometre, 0), last)
        let y = min(max((local.y - start) * perMicrometre, 0), last)
        let (ix, iy) = (Int(x), Int(y))
        let (u, v) = (Float(x - Double(ix)), Float(y - Double(iy)))
        return values.withUnsafeBufferPointer { values in
            let i = iy &* Self.nodes &+ ix
            let below = values[i] + (values[i + 1] - values[i]) * u
            let above = values[i + Self.nodes] + (values[i + Self.nodes + 1] - values[i + Self.nodes]) * u
            return below + (above - below) * v
        }
    }
}

/// The holes under one square, found by their lattice.
private struct HoleTable {
    private let origin: SpecimenPoint
    private let turn: (c: Double, s: Double)
    private let spacing: Double
    private let radius: Double
    private let edge: Double
    private let reach: Int
    private let burst: [Bool]

    init(_ specimen: SimulatedSpecimen, _ square: SimulatedSquare, pixelSize: Double) {
        let frame = specimen.foil.frame(of: square)
        origin = frame.origin - square.centre
        turn = (cos(-frame.angle), sin(-frame.angle))
        spacing = specimen.foil.spacing
        radius = specimen.holeType.diameter.micrometres / 2
        edge = max(pixelSize, 0.03)
        let reach = Int((square.halfSide * 1.5 / spacing).rounded(.up)) + 1
        self.reach = reach
        burst = (-reach...reach).flatMap { row in
            (-reach...reach).map { specimen.isBurst(column: frame.column + $0, row: frame.row + row, in: square) }
        }
    }

    @inline(__always)
    func cover(_ offset: SpecimenPoint) -> (open: Float, burst: Float, rim: Float) {
        let (dx, dy) = (offset.x - origin.x, offset.y - origin.y)
        let a = (turn.c * dx - turn.s * dy) / spacing
        let b = (turn.s * dx + turn.c * dy) / spacing
        let (column, row) = (a.rounded(), b.rounded())
        let (u, v) = ((a - column) * spacing, (b - row) * spacing)
        let distance = (u * u + v * v).squareRoot()
        let open = Float(min(max(0.5 + (radius - distance) / edge, 0), 1))
        // The rim of a hole is thicker than the foil around it.
        let beyond = distance - radius
        let rim: Float = beyond > 0 && beyond < 0.09 ? 1 - 0.22 * Float(1 - beyond / 0.09) : 1
        guard open > 0, abs(column) <= Double(reach), abs(row) <= Double(reach) else { return (open, 0, rim) }
        let index = (Int(row) + reach) * (2 * reach + 1) + Int(column) + reach
        return (open, burst[index] ? open : 0, rim)
    }
}
