/// How much somebody may do: so many at once, and so many a second for as long as they like.
struct Allowance {
    private let perSecond: Double
    private let atOnce: Double
    private var left: Double
    private var renewed: ContinuousClock.Instant?

    init(perSecond: Int, atOnce: Int) {
        (self.perSecond, self.atOnce, left) = (Double(perSecond), Double(atOnce), Double(atOnce))
    }

    /// False when it is used up.
    mutating func take(at now: ContinuousClock.Instant) -> Bool {
        let passed = renewed.map { $0.duration(to: now) } ?? .zero
        renewed = now
        left = min(atOnce, left + perSecond * (passed / .seconds(1)))
        guard left >= 1 else { return false }
        left -= 1
        return true
    }
}
