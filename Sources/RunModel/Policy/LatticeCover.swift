/// Regular blocks on the lattice of the holes: on a whole lattice nothing chosen hole by hole is as good.
enum LatticeCover {
    /// The covers by the coarsest sublattices whose blocks still leave no hole out, one for each way to lay them.
    static func covers(_ field: HoleField) -> [GroupCover] {
        guard let indices = HoleIndices(field) else { return [] }
        let blocks = block(indices, reach: field.reach)
        var found: [GroupCover] = []
        for area in stride(from: blocks.count, to: 1, by: -1) {
            let lattices = Sublattice.all(ofArea: area).filter { $0.isCovered(by: blocks) }
            found += lattices.prefix(8).compactMap { best($0, indices, field) }
            if !found.isEmpty { break }
        }
        return found
    }

    /// Steps from a centre to the holes it reaches.
    private static func block(_ indices: HoleIndices, reach: Double) -> [(i: Int, j: Int)] {
        let limit = min(12, Int(reach / indices.shortest * 1.3) + 1)
        var steps: [(i: Int, j: Int)] = []
        for j in -limit...limit {
            for i in -limit...limit {
                let x = Double(i) * indices.a.x + Double(j) * indices.b.x
                let y = Double(i) * indices.a.y + Double(j) * indices.b.y
                if (x * x + y * y).squareRoot() <= reach { steps.append((i, j)) }
            }
        }
        return steps
    }

    /// The offset of the blocks that needs the fewest groups.
    private static func best(_ lattice: Sublattice, _ indices: HoleIndices, _ field: HoleField) -> GroupCover? {
        let classes = indices.nodes.map { lattice.residue($0.i, $0.j) }
        let byClass = Dictionary(grouping: classes.indices) { classes[$0] }
        let covers = byClass.keys.sorted().map { GroupCover(field, centres: byClass[$0] ?? []) }
        return covers.min { $0.count < $1.count }
    }
}

/// Which node of its lattice each hole is.
private struct HoleIndices {
    private(set) var nodes: [(i: Int, j: Int)] = []
    let a: (x: Double, y: Double)
    let b: (x: Double, y: Double)
    let shortest: Double

    /// nil where the holes are too few, or lie on no lattice.
    init?(_ field: HoleField) {
        guard field.count >= 9 else { return nil }
        let steps = Self.steps(field)
        guard let first = Self.commonest(steps, across: nil), let second = Self.commonest(steps, across: first) else {
            return nil
        }
        (a, b) = (first, second)
        shortest = min(
            (first.x * first.x + first.y * first.y).squareRoot(), (second.x * second.x + second.y * second.y).squareRoot())
        guard let nodes = walk(field) else { return nil }
        self.nodes = nodes
    }

    /// From each hole to its six nearest.
    private static func steps(_ field: HoleField) -> [(x: Double, y: Double)] {
        var steps: [(x: Double, y: Double)] = []
        for hole in 0..<field.count {
            let others: [(distance: Double, hole: Int)] = (0..<field.count).filter { $0 != hole }
                .map { (field.distance(hole, $0), $0) }
            let nearest = others.sorted { ($0.distance, $0.hole) < ($1.distance, $1.hole) }.prefix(6)
            steps += nearest.map { (x: field.x[$0.hole] - field.x[hole], y: field.y[$0.hole] - field.y[hole]) }
        }
        return steps
    }

    /// The shortest of the steps that many holes share, not along `known`; the mean of those like it.
    private static func commonest(
        _ steps: [(x: Double, y: Double)], across known: (x: Double, y: Double)?
    ) -> (x: Double, y: Double)? {
        let length = { (s: (x: Double, y: Double)) in (s.x * s.x + s.y * s.y).squareRoot() }
        let candidates = steps.filter { step in
            guard let known else { return length(step) > 0 }
            let sine = abs(step.x * known.y - step.y * known.x) / (length(step) * length(known))
            return sine > 0.5 && length(step) < 1.6 * length(known)
        }
        let alike = { (s: (x: Double, y: Double)) in
            candidates.filter { abs($0.x - s.x) + abs($0.y - s.y) < 0.2 * length(s) }
        }
        let support = candidates.map { alike($0).count }
        guard let most = support.max(), most >= 3 else { return nil }
        let able = candidates.indices.filter { 2 * support[$0] >= most }
        guard let best = able.min(by: { (length(candidates[$0]), $0) < (length(candidates[$1]), $1) }) else { return nil }
        let like = alike(candidates[best])
        let n = Double(like.count)
        return (like.reduce(0) { $0 + $1.x } / n, like.reduce(0) { $0 + $1.y } / n)
    }

    /// From hole to hole in short steps, so that a bent lattice is followed; nil where many holes cannot be reached.
    private func walk(_ field: HoleField) -> [(i: Int, j: Int)]? {
        var nodes = [(i: Int, j: Int)?](repeating: nil, count: field.count)
        let d = a.x * b.y - a.y * b.x
        let farthest = 2.3 * shortest
        var offset = 0
        for seed in 0..<field.count where nodes[seed] == nil {
            nodes[seed] = (offset, offset)
            var queue = [seed]
            while let from = queue.popLast() {
                for to in 0..<field.count where nodes[to] == nil && field.distance(from, to) < farthest {
                    let (x, y) = (field.x[to] - field.x[from], field.y[to] - field.y[from])
                    let (u, v) = ((x * b.y - y * b.x) / d, (a.x * y - a.y * x) / d)
                    guard abs(u - u.rounded()) < 0.3, abs(v - v.rounded()) < 0.3, let node = nodes[from] else { continue }
                    nodes[to] = (node.i + Int(u.rounded()), node.j + Int(v.rounded()))
                    queue.append(to)
                }
            }
            offset += 1000
            if offset > 1000 * max(4, field.count / 8) { return nil }
        }
        return nodes.map { $0 ?? (0, 0) }
    }
}

/// Takes every nth node along two directions: rows of the matrix (width, 0), (shift, rows).
private struct Sublattice {
    let width: Int
    let shift: Int
    let rows: Int

    static func all(ofArea area: Int) -> [Sublattice] {
        (1...area).filter { area % $0 == 0 }.flatMap { rows in
            (0..<area / rows).map { Sublattice(width: area / rows, shift: $0, rows: rows) }
        }
    }

    /// 0..<area: nodes of one residue are one sublattice.
    func residue(_ i: Int, _ j: Int) -> Int {
        let q = j >= 0 ? j / rows : -((-j + rows - 1) / rows)
        let column = ((i - q * shift) % width + width) % width
        return (j - q * rows) * width + column
    }

    func isCovered(by steps: [(i: Int, j: Int)]) -> Bool {
        Set(steps.map { residue($0.i, $0.j) }).count == width * rows
    }
}
