import RunModel

/// Micrographs that were taken alike, as RELION and cryoSPARC treat them: with one pixel size, one amplitude contrast and one tilt, and with
/// image shifts so near to one another that the beam tilt which a shift brings is the same for all.
///
/// Image shifts are gathered around the ones that most others lie near, so a lattice of holes gives a group for each of its places.
struct OpticsGroups {
    struct Group: Hashable, Comparable {
        let moviePixel: Double
        let pixel: Double
        let amplitudeContrast: Double
        let tilt: Double
        /// Cells of the image shift that most of its members lie near.
        let x: Int
        let y: Int

        static func < (a: Self, b: Self) -> Bool {
            (a.moviePixel, a.pixel, a.amplitudeContrast, a.tilt, a.x, a.y) < (
                b.moviePixel, b.pixel, b.amplitudeContrast, b.tilt, b.x, b.y
            )
        }
    }

    /// Sorted, so that the same micrographs give the same numbers each time.
    let groups: [Group]
    private let numbers: [MicrographID: Int]

    /// `ofMovies`: by what an exposure says of itself, with the one contrast that most fits were made with. Averages are told apart besides by what
    /// processing made of them.
    init(_ micrographs: [Micrograph], ofMovies: Bool) {
        let clusters = ShiftClusters(micrographs.map(\.imageShift))
        let contrast = Self.usualContrast(micrographs)
        let found = micrographs.map { micrograph in
            let middle = clusters.middle(of: micrograph.imageShift)
            return (micrograph.id, Group(micrograph, ofMovies ? nil : micrograph.measurement, contrast, middle))
        }
        let groups = Set(found.map(\.1)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($1, $0 + 1) })
        self.groups = groups
        // One that was told twice counts as it was told last.
        self.numbers = Dictionary(found.map { ($0.0, numbers[$0.1] ?? 1) }) { $1 }
    }

    /// 0.07 is what processing takes where the configuration says nothing; older results do not tell what they were fitted with.
    private static func usualContrast(_ micrographs: [Micrograph]) -> Double {
        let counts = Dictionary(micrographs.compactMap { $0.measurement?.amplitudeContrast }.map { ($0, 1) }, uniquingKeysWith: +)
        return counts.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key ?? 0.07
    }

    /// From 1; the first for one that is not among them.
    func number(of micrograph: MicrographID) -> Int { numbers[micrograph] ?? 1 }
}

extension OpticsGroups.Group {
    fileprivate init(
        _ micrograph: Micrograph, _ measurement: RunModel.Measurement?, _ contrast: Double, _ middle: ShiftClusters.Cell
    ) {
        self.init(
            moviePixel: micrograph.pixelSize, pixel: measurement?.pixelSize ?? micrograph.pixelSize,
            amplitudeContrast: measurement?.amplitudeContrast ?? contrast, tilt: micrograph.tilt ?? 0, x: middle.x,
            y: middle.y)
    }
}

/// Image shifts in cells of 0.05 µm, each with the middle of its cluster.
struct ShiftClusters {
    struct Cell: Hashable, Comparable {
        let x: Int
        let y: Int
        static func < (a: Self, b: Self) -> Bool { (a.x, a.y) < (b.x, b.y) }
    }

    static let cell = Length.micrometres(0.05)
    /// 0.3 µm: at the usual few hundredths of a mrad per µm the beam tilts by less within a cluster than refinement can tell.
    private static let reach = 6
    private let middles: [Cell: Cell]

    init(_ shifts: [PlaneShift]) {
        var counts: [Cell: Int] = [:]
        for shift in shifts { counts[Self.cell(of: shift), default: 0] += 1 }
        let weights = counts.mapValues { _ in 0 }.merging(
            counts.keys.map { cell in (cell, Self.around(cell).reduce(0) { $0 + (counts[$1] ?? 0) }) }
        ) { $1 }
        var middles: [Cell: Cell] = [:]
        // The fullest place first; among equals the first by its coordinates.
        for cell in counts.keys.sorted(by: { (-(weights[$0] ?? 0), $0) < (-(weights[$1] ?? 0), $1) }) where middles[cell] == nil {
            for near in Self.around(cell) where counts[near] != nil && middles[near] == nil { middles[near] = cell }
        }
        self.middles = middles
    }

    func middle(of shift: PlaneShift) -> Cell { middles[Self.cell(of: shift)] ?? Self.cell(of: shift) }

    private static func cell(of shift: PlaneShift) -> Cell {
        func step(_ length: Length) -> Int {
            let steps = (length / cell).rounded()
            return steps.magnitude < 1e9 ? Int(steps) : 0  // no shift of a microscope
        }
        return Cell(x: step(shift.x), y: step(shift.y))
    }

    private static func around(_ cell: Cell) -> [Cell] {
        (-reach...reach).flatMap { dx in
            (-reach...reach).compactMap { dy in
                dx * dx + dy * dy <= reach * reach ? Cell(x: cell.x + dx, y: cell.y + dy) : nil
            }
        }
    }
}
