/// In which order groups are visited, and holes within them: the stage creeps after long moves, and deflectors remember.
enum GroupTour {
    static func ordered(_ groups: [ExposureGroup], _ field: HoleField, from start: StagePosition?) -> [ExposureGroup] {
        guard !groups.isEmpty else { return [] }
        var path = nearestFirst(groups, field, from: start)
        shorten(&path, field)
        return path.map { ExposureGroup(centre: $0.centre, members: spiral($0, field)) }
    }

    private static func nearestFirst(
        _ groups: [ExposureGroup], _ field: HoleField, from start: StagePosition?
    ) -> [ExposureGroup] {
        var left = groups
        var here = (
            x: start?.x.micrometres ?? groups.map { field.x[$0.centre] }.min()!,
            y: start?.y.micrometres ?? groups.map { field.y[$0.centre] }.min()!
        )
        var path: [ExposureGroup] = []
        while !left.isEmpty {
            let next = left.indices.min { off(left[$0], here, field) < off(left[$1], here, field) }!
            let group = left.remove(at: next)
            here = (field.x[group.centre], field.y[group.centre])
            path.append(group)
        }
        return path
    }

    private static func off(_ group: ExposureGroup, _ place: (x: Double, y: Double), _ field: HoleField) -> Double {
        let (dx, dy) = (field.x[group.centre] - place.x, field.y[group.centre] - place.y)
        return dx * dx + dy * dy
    }

    /// Reverses stretches of the path as long as that makes it shorter (Croes 1958); where it begins stays.
    private static func shorten(_ path: inout [ExposureGroup], _ field: HoleField) {
        guard path.count > 3 else { return }
        for _ in 0..<50 {
            var isShorter = false
            for first in 1..<path.count - 1 {
                for last in first + 1..<path.count where gain(path, first, last, field) > 1e-9 {
                    path[first...last].reverse()
                    isShorter = true
                }
            }
            if !isShorter { break }
        }
    }

    private static func gain(_ path: [ExposureGroup], _ first: Int, _ last: Int, _ field: HoleField) -> Double {
        let distance = { (a: Int, b: Int) in field.distance(path[a].centre, path[b].centre) }
        let before = distance(first - 1, first) + (last + 1 < path.count ? distance(last, last + 1) : 0)
        let after = distance(first - 1, last) + (last + 1 < path.count ? distance(first, last + 1) : 0)
        return before - after
    }

    /// Ring by ring around the centre, each ring in one sense of turn.
    private static func spiral(_ group: ExposureGroup, _ field: HoleField) -> [Int] {
        let others = group.members.filter { $0 != group.centre }
        guard let ring = others.map({ field.distance($0, group.centre) }).min(), ring > 0 else { return [group.centre] + others }
        let keyed = others.map { hole in
            let (dx, dy) = (field.x[hole] - field.x[group.centre], field.y[hole] - field.y[group.centre])
            let turns = max(abs(dx), abs(dy)) > 0 ? direction(dx, dy) : 0
            return (hole: hole, ring: (field.distance(hole, group.centre) / ring / 0.75).rounded(), turns: turns)
        }
        return [group.centre] + keyed.sorted { ($0.ring, $0.turns, $0.hole) < ($1.ring, $1.turns, $1.hole) }.map(\.hole)
    }

    /// Rises with the angle, from 0 at +x once around to 4.
    private static func direction(_ dx: Double, _ dy: Double) -> Double {
        let slope = dy / (abs(dx) + abs(dy))
        if dx < 0 { return 2 - slope }
        return dy < 0 ? 4 + slope : slope
    }
}
