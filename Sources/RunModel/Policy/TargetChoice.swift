/// Which of the found squares and holes the program queues by itself.
public enum TargetChoice {
    /// Good squares spread over the brightness range, so that a screening sees thin and thick ice; the brightest class first.
    /// Ties fall to the lower number, so that the same finds give the same choice.
    public static func squares(_ found: [Target], count: Int) -> [TargetID] { spread(found, count: count) }

    /// Good holes spread over the brightness range of the square, in the order of their numbers: that moves the stage least.
    public static func holes(_ found: [Target], count: Int) -> [TargetID] {
        spread(found, count: count).sorted { $0.number < $1.number }
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
