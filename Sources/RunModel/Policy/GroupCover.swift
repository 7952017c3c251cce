/// Every hole in one group, each within reach of its group's centre: a dominating set, and who belongs to whom.
struct GroupCover {
    private let field: HoleField
    /// Centre of each hole's group.
    private(set) var centreOf: [Int]

    init(_ field: HoleField, centres: [Int]) {
        self.field = field
        centreOf = [Int](repeating: -1, count: field.count)
        for centre in centres { centreOf[centre] = centre }
        for hole in 0..<field.count where centreOf[hole] < 0 { centreOf[hole] = nearestCentre(hole) ?? -1 }
        for hole in 0..<field.count where centreOf[hole] < 0 { adopt(hole) }
    }

    var count: Int { Set(centreOf).count }
    var groups: [ExposureGroup] {
        Dictionary(grouping: centreOf.indices) { centreOf[$0] }.sorted { $0.key < $1.key }
            .map { ExposureGroup(centre: $0.key, members: $0.value.sorted()) }
    }

    /// Always takes the hole that covers most of those left (Chvátal 1979); among equals, the one nearest to their middle.
    static func greedy(_ field: HoleField) -> GroupCover {
        var free = [Bool](repeating: true, count: field.count)
        var gain = field.near.map(\.count)
        var centres: [Int] = []
        while let most = gain.max(), most > 0 {
            let best = gain.indices.filter { gain[$0] == most }
                .map { hole in (hole, field.near[hole].reduce(0) { $0 + (free[$1] ? field.distance(hole, $1) : 0) }) }
                .min { ($0.1, $0.0) < ($1.1, $1.0) }!.0
            centres.append(best)
            for hole in field.near[best] where free[hole] {
                free[hole] = false
                for other in field.near[hole] { gain[other] -= 1 }
            }
        }
        return GroupCover(field, centres: centres)
    }

    private func nearestCentre(_ hole: Int, but left: Int = -1) -> Int? {
        field.near[hole].filter { centreOf[$0] == $0 && $0 != left }
            .min { (field.distance(hole, $0), $0) < (field.distance(hole, $1), $1) }
    }

    /// A hole that no centre reaches becomes one, with those around it that have none either.
    private mutating func adopt(_ hole: Int) {
        let best =
            field.near[hole].filter { centreOf[$0] < 0 }
            .max { a, b in (free(a), -a) < (free(b), -b) } ?? hole
        for member in field.near[best] where centreOf[member] < 0 { centreOf[member] = best }
    }

    private func free(_ hole: Int) -> Int { field.near[hole].count { centreOf[$0] < 0 } }

    /// Gives up groups whose holes find room elsewhere, and joins two where one centre reaches both, until nothing is left to gain.
    mutating func tighten() {
        var isChanged = true
        while isChanged {
            isChanged = false
            for group in groups.sorted(by: { ($0.members.count, $0.centre) < ($1.members.count, $1.centre) }) {
                if dissolve(group) || join(group) { isChanged = true }
            }
        }
    }

    private mutating func dissolve(_ group: ExposureGroup) -> Bool {
        guard centreOf[group.centre] == group.centre else { return false }
        let members = centreOf.indices.filter { centreOf[$0] == group.centre }
        let homes = members.map { nearestCentre($0, but: group.centre) }
        guard homes.allSatisfy({ $0 != nil }) else { return false }
        for (member, home) in zip(members, homes) { centreOf[member] = home ?? member }
        return true
    }

    /// One hole that reaches all that this group and a neighbour must hold: what others can take does not count.
    private mutating func join(_ group: ExposureGroup) -> Bool {
        guard centreOf[group.centre] == group.centre else { return false }
        let others = Set(field.near[group.centre].flatMap { field.near[$0] }.map { centreOf[$0] }).subtracting([group.centre])
        for other in others.sorted() {
            let members = centreOf.indices.filter { centreOf[$0] == group.centre || centreOf[$0] == other }
            let bound = members.filter { member in
                !field.near[member].contains { centreOf[$0] == $0 && $0 != group.centre && $0 != other }
            }
            let reaching = (bound.first.map { field.near[$0] } ?? members).filter { hole in
                members.contains(hole) && bound.allSatisfy { field.near[hole].contains($0) }
            }
            guard let centre = reaching.max(by: { a, b in (field.near[a].count, -a) < (field.near[b].count, -b) }) else {
                continue
            }
            for member in members { centreOf[member] = -1 }
            centreOf[centre] = centre
            for member in members where member != centre { centreOf[member] = nearestCentre(member) ?? centre }
            return true
        }
        return false
    }

    /// Small groups take holes within their reach from groups that stay large enough without them.
    mutating func even(least: Int) {
        var sizes = Dictionary(grouping: centreOf) { $0 }.mapValues(\.count)
        for centre in sizes.keys.sorted() {
            let wanted = field.near[centre].filter { centreOf[$0] != centre && centreOf[$0] != $0 }
                .sorted { (field.distance(centre, $0), $0) < (field.distance(centre, $1), $1) }
            for hole in wanted where sizes[centre]! < least && sizes[centreOf[hole]]! > least {
                sizes[centreOf[hole]]! -= 1
                sizes[centre]! += 1
                centreOf[hole] = centre
            }
        }
    }

    /// Moves each centre to the member nearest to the middle of its group that still reaches all of them.
    mutating func settle() {
        for group in groups {
            let n = Double(group.members.count)
            let x = group.members.reduce(0) { $0 + field.x[$1] } / n
            let y = group.members.reduce(0) { $0 + field.y[$1] } / n
            let off = { [field] (k: Int) in (field.x[k] - x) * (field.x[k] - x) + (field.y[k] - y) * (field.y[k] - y) }
            let able = group.members.filter { hole in group.members.allSatisfy { field.distance(hole, $0) <= field.reach } }
            guard let centre = able.min(by: { (off($0), $0) < (off($1), $1) }) else { continue }
            for member in group.members { centreOf[member] = centre }
        }
    }
}
