/// An axis from one round number to another, with ticks at round numbers between them.
struct ReportAxis: Equatable {
    var low: Double
    var high: Double
    var ticks: [Double]
    /// Behind the point, so that no two ticks read alike.
    var digits: Int

    init(_ least: Double, _ most: Double, ticks count: Int) {
        // All alike, or no numbers: some room on either side.
        let (least, most) = most - least > 1e-9 && (most - least).isFinite ? (least, most) : (least - 0.5, least + 0.5)
        let step = Self.round((most - least) / Double(count))
        let (first, last) = ((least / step).rounded(.down), (most / step).rounded(.up))
        low = first * step
        high = last * step
        ticks = stride(from: first, through: last, by: 1).map { $0 * step }
        digits = step >= 1 ? 0 : step >= 0.1 ? 1 : 2
    }

    /// Of whole numbers, from end to end.
    init(numbersFrom first: Int, to last: Int) {
        let step = max(1, Self.round(Double(last - first) / 6).rounded())
        let (least, most) = (Double(first), Double(last))
        (low, high) = (least, most)
        ticks = [least] + stride(from: step, through: most, by: step).filter { $0 - least >= step * 0.6 }
        digits = 0
    }

    func fraction(_ value: Double) -> Double { (value - low) / (high - low) }

    /// The nearest of 1, 2, 5, 10, 20…, and of 0.5, 0.2, 0.1…
    static func round(_ value: Double) -> Double {
        guard value.isFinite, value > 1e-9 else { return 1 }
        var power = 1.0
        while power * 10 <= value { power *= 10 }
        while power > value { power /= 10 }
        let digit = value / power
        return (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10) * power
    }
}
