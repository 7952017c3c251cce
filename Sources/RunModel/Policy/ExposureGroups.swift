/// Holes that are exposed from one stage position: the stage goes to the centre hole, beam and image shift to the others.
public struct ExposureGroup: Hashable, Sendable {
    /// The hole the stage goes to, by its number in the list that was grouped.
    public var centre: Int
    /// All holes of the group in the order to expose them: the centre first, then outwards in a spiral.
    public var members: [Int]

    public init(centre: Int, members: [Int]) {
        self.centre = centre
        self.members = members
    }
}

/// Which holes go together, and in which order the groups are visited.
public enum ExposureGroups {
    /// As few groups as can be found so that no hole is further than `distance` from its group's centre hole.
    ///
    /// Groups of fewer than `least` take holes from larger neighbours where those can spare them; what stays smaller is as
    /// large as it can be. The order is a short tour that begins at the group nearest to `start`. The same holes give the
    /// same groups, always.
    public static func plan(
        _ holes: [StagePosition], within distance: Length, atLeast least: Int = 1, from start: StagePosition? = nil
    ) -> [ExposureGroup] {
        let field = HoleField(holes, reach: distance)
        var best: GroupCover?
        for var cover in [GroupCover.greedy(field)] + LatticeCover.covers(field) {
            cover.tighten()
            if best.map({ cover.count < $0.count }) ?? true { best = cover }
        }
        guard var cover = best else { return [] }
        cover.even(least: least)
        cover.settle()
        return GroupTour.ordered(cover.groups, field, from: start)
    }
}

/// Hole places with their neighbours.
struct HoleField {
    let x: [Double]
    let y: [Double]
    let reach: Double
    /// Holes within reach of each, itself among them, by rising number.
    let near: [[Int]]

    init(_ holes: [StagePosition], reach: Length) {
        x = holes.map(\.x.micrometres)
        y = holes.map(\.y.micrometres)
        // Places are measured: a millionth beyond the reach is within it.
        self.reach = max(0, reach.micrometres) * (1 + 1e-6)
        near = Self.neighbours(x, y, self.reach)
    }

    var count: Int { x.count }

    func distance(_ a: Int, _ b: Int) -> Double {
        let (dx, dy) = (x[a] - x[b], y[a] - y[b])
        return (dx * dx + dy * dy).squareRoot()
    }

    private static func neighbours(_ x: [Double], _ y: [Double], _ reach: Double) -> [[Int]] {
        // Along one axis in order: only a strip has to be looked at.
        let order = x.indices.sorted { (x[$0], $0) < (x[$1], $1) }
        var near = [[Int]](repeating: [], count: x.count)
        for (position, a) in order.enumerated() {
            near[a].append(a)
            for b in order[(position + 1)...] {
                let dx = x[b] - x[a]
                guard dx <= reach else { break }
                let dy = y[b] - y[a]
                guard dx * dx + dy * dy <= reach * reach else { continue }
                near[a].append(b)
                near[b].append(a)
            }
        }
        return near.map { $0.sorted() }
    }
}
