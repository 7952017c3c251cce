/// Which of the found squares and holes the program queues by itself.
public enum TargetChoice {
    /// Good squares spread over the brightness range, so that a screening sees thin and thick ice; the brightest class first.
    /// Ties go to the lower number, so that the same finds give the same choice.
    public static func squares(_ found: [Target], count: Int) -> [TargetID] { spread(found, count: count) }

    /// Good holes in the order of their numbers, which moves the stage least. A screening takes single ones spread over the brightness range of
    /// the square; a data collection whole groups, spread by the brightness of their centres, since each group costs one stage move.
    public static func holes(_ found: [Target], count: Int, mode: RunMode = .screening) -> [TargetID] {
        let chosen = mode == .screening ? spread(found, count: count) : groups(found, count: count)
        return chosen.sorted { $0.number < $1.number }
    }

    /// The centre of a group comes first, so that the others are within its reach; the last group may be taken in part.
    private static func groups(_ found: [Target], count: Int) -> [TargetID] {
        let good = found.filter { $0.targetClass == .good }.sorted { $0.id.number < $1.id.number }
        let members = Dictionary(grouping: good) { $0.groupCentre ?? $0.id }
        let centres = good.filter { members[$0.id] != nil }
        guard count > 0, let mean = centres.isEmpty ? nil : good.count / centres.count else { return [] }
        let first = spread(centres, count: max(1, count / max(1, mean)))
        let others = centres.map(\.id).filter { !first.contains($0) }
        let order = (first + others).flatMap { (members[$0] ?? []).map(\.id) }
        return Array(order.prefix(count))
    }

    private static func spread(_ found: [Target], count: Int) -> [TargetID] {
        let good = found.filter { $0.targetClass == .good }
            .sorted { ($0.brightness, $1.id.number) > ($1.brightness, $0.id.number) }
        guard count > 0, !good.isEmpty else { return [] }
        guard good.count > count else { return good.map(\.id) }
        // The middle of each of `count` equal parts of the ranking.
        return (0..<count).map { good[($0 * 2 + 1) * good.count / (2 * count)].id }
    }
}
