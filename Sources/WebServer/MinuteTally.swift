/// What may happen thousands of times a second and is told in one line a minute.
struct MinuteTally {
    private var count = 0
    private var lastLine: ContinuousClock.Instant?

    /// How often it has happened since the last line, where the next one is due.
    mutating func add(at moment: ContinuousClock.Instant = .now) -> Int? {
        count += 1
        if let lastLine, moment - lastLine < .seconds(60) { return nil }
        defer { (count, lastLine) = (0, moment) }
        return count
    }
}
