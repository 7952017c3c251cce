/// Points that repeat by two vectors, bent a little as real grids are.
struct Lattice {
    struct Node: Hashable {
        let i: Int
        let j: Int
    }

    let a: PixelShift
    let b: PixelShift
    /// The points that lie on it: index of the node to index of the point.
    private(set) var members: [Node: Int] = [:]
    private let points: [PixelShift]
    private let grid: PointGrid
    /// Node of each member point.
    private var nodes: [Int: Node] = [:]

    var pitch: Double { (a.length + b.length) / 2 }

    /// nil where fewer than four points repeat. `pitches` limits the spacing.
    init?(_ points: [PixelShift], pitches: ClosedRange<Double>) {
        let pairs = Self.differences(points, pitches: pitches)
        guard let (a, b) = Self.basis(pairs) else { return nil }
        self.a = a
        self.b = b
        self.points = points
        grid = PointGrid(points, cell: (a.length + b.length) / 2)
        members = grown()
        guard members.count >= 4 else { return nil }
        nodes = Dictionary(uniqueKeysWithValues: members.map { ($1, $0) })
    }

    /// Where a node is, corrected by how its nearest members lie off the straight lattice.
    func place(of node: Node) -> PixelShift? {
        if let member = members[node] { return points[member] }
        return expectedPlace(of: node)
    }

    /// Where the members around a node say that it is, whatever lies there; nil without any.
    func expectedPlace(of node: Node) -> PixelShift? {
        var (x, y, weight) = (0.0, 0.0, 0.0)
        for di in -2...2 {
            for dj in -2...2 where (di, dj) != (0, 0) {
                guard let member = members[Node(i: node.i + di, j: node.j + dj)] else { continue }
                let w = 1 / Double(di * di + dj * dj)
                x += w * (points[member].x - Double(di) * a.x - Double(dj) * b.x)
                y += w * (points[member].y - Double(di) * a.y - Double(dj) * b.y)
                weight += w
            }
        }
        return weight > 0 ? PixelShift(x: x / weight, y: y / weight) : nil
    }

    /// Nodes without a member that have members nearby, reached step by step from them.
    func gaps(isInside: (PixelShift) -> Bool) -> [(node: Node, place: PixelShift)] {
        var found: [Node: PixelShift] = [:]
        for node in members.keys {
            for di in -2...2 {
                for dj in -2...2 {
                    let near = Node(i: node.i + di, j: node.j + dj)
                    guard members[near] == nil, found[near] == nil, let place = place(of: near), isInside(place) else { continue }
                    found[near] = place
                }
            }
        }
        return found.sorted { ($0.key.i, $0.key.j) < ($1.key.i, $1.key.j) }.map { ($0.key, $0.value) }
    }

    private static func differences(_ points: [PixelShift], pitches: ClosedRange<Double>) -> [PixelShift] {
        var found: [PixelShift] = []
        let grid = PointGrid(points, cell: pitches.upperBound)
        for (k, p) in points.enumerated() {
            var near: [(distance: Double, point: Int)] = []
            grid.forEach(near: p, within: pitches.upperBound) { if $0 != k && $1 >= pitches.lowerBound { near.append(($1, $0)) } }
            near.sort { ($0.distance, $0.point) < ($1.distance, $1.point) }
            found += near.prefix(8).map { points[$0.point] - p }.filter { $0.x > 0 || ($0.x == 0 && $0.y > 0) }
        }
        return found
    }

    /// The shortest of the commonest differences, and the commonest one across it of about the same length.
    private static func basis(_ pairs: [PixelShift]) -> (PixelShift, PixelShift)? {
        guard pairs.count >= 4 else { return nil }
        let support = pairs.map { v in pairs.filter { ($0 - v).length < 0.1 * v.length }.count }
        // There are four pairs at least.
        let most = support.max()!
        guard
            let first = pairs.indices.filter({ Double(support[$0]) >= 0.6 * Double(most) })
                .min(by: { pairs[$0].length < pairs[$1].length }), support[first] >= 2
        else { return nil }
        let a = middle(of: pairs, around: pairs[first])
        let across = pairs.indices.filter { k in
            let v = pairs[k]
            let cosine = abs(v.x * a.x + v.y * a.y) / (v.length * a.length)
            return cosine < 0.6 && v.length > 0.75 * a.length && v.length < 1.35 * a.length
        }
        guard let second = across.max(by: { support[$0] < support[$1] }), support[second] >= 2 else { return nil }
        return (a, middle(of: pairs, around: pairs[second]))
    }

    private static func middle(of pairs: [PixelShift], around v: PixelShift) -> PixelShift {
        let near = pairs.filter { ($0 - v).length < 0.1 * v.length }
        let sum = near.reduce(PixelShift.zero, +)
        return PixelShift(x: sum.x / Double(near.count), y: sum.y / Double(near.count))
    }

    /// From the seed that gathers most, member by member: each step is short, so a bent grid is followed.
    private func grown() -> [Node: Int] {
        var best: [Node: Int] = [:]
        var tried = Set<Int>()
        for seed in points.indices where !tried.contains(seed) {
            let members = grown(from: seed)
            tried.formUnion(members.values)
            if members.count > best.count { best = members }
        }
        return best
    }

    private func grown(from seed: Int) -> [Node: Int] {
        var members = [Node(i: 0, j: 0): seed]
        var taken: Set<Int> = [seed]
        var queue = [Node(i: 0, j: 0)]
        var next = 0
        while next < queue.count {
            let node = queue[next]
            next += 1
            let from = points[members[node]!]
            for (di, dj) in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)] {
                let near = Node(i: node.i + di, j: node.j + dj)
                guard members[near] == nil else { continue }
                let expected = PixelShift(
                    x: from.x + Double(di) * a.x + Double(dj) * b.x, y: from.y + Double(di) * a.y + Double(dj) * b.y)
                guard let point = grid.nearest(to: expected, within: 0.16 * pitch), taken.insert(point).inserted else { continue }
                members[near] = point
                queue.append(near)
            }
        }
        return members
    }
}

extension Lattice {
    /// The node nearest to a place and where it is, as the members nearest to it have it; nil far from all.
    func node(near place: PixelShift) -> (node: Node, place: PixelShift)? {
        guard let (from, nearest) = nearestMember(to: place) else { return nil }
        let offset = place - from
        let d = a.x * b.y - a.y * b.x
        let i = Int(((offset.x * b.y - offset.y * b.x) / d).rounded())
        let j = Int(((a.x * offset.y - a.y * offset.x) / d).rounded())
        guard abs(i) <= 2, abs(j) <= 2 else { return nil }
        let at = PixelShift(x: from.x + Double(i) * a.x + Double(j) * b.x, y: from.y + Double(i) * a.y + Double(j) * b.y)
        return (Node(i: nearest.i + i, j: nearest.j + j), at)
    }

    private func nearestMember(to place: PixelShift) -> (place: PixelShift, node: Node)? {
        var best: (distance: Double, point: Int)?
        for reach in [0.8 * pitch, 2.5 * pitch] where best == nil {
            grid.forEach(near: place, within: reach) { k, distance in
                if nodes[k] != nil, best.map({ (distance, k) < ($0.distance, $0.point) }) ?? true { best = (distance, k) }
            }
        }
        return best.flatMap { best in nodes[best.point].map { (points[best.point], $0) } }
    }

    /// Whether a pixel lies in the square of this half side around a place, turned as the lattice is.
    func isWithin(_ half: Double, of place: PixelShift, _ pixel: PixelShift) -> Bool {
        let (dx, dy) = (pixel.x - place.x, pixel.y - place.y)
        let (c, s) = (a.x / a.length, a.y / a.length)
        return max(abs(dx * c + dy * s), abs(dy * c - dx * s)) <= half
    }
}
