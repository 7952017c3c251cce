import RunModel

/// Free space over time: the last hour for the rate, a day for the trend.
struct DiskHistory: Sendable {
    private var hour: [(at: Timestamp, free: Int)] = []
    private var day: [(at: Timestamp, free: Int)] = []
    private static let slot = 1800.0
    private static let slots = 48

    mutating func note(_ free: Int, at moment: Timestamp) {
        hour.append((moment, free))
        hour.removeAll { moment.seconds(since: $0.at) > 3600 }
        if hour.count > 720 { hour.removeFirst(hour.count - 720) }
        if day.last.map({ moment.seconds(since: $0.at) >= Self.slot }) ?? true { day.append((moment, free)) }
        if day.count > Self.slots { day.removeFirst(day.count - Self.slots) }
    }

    /// True when a day has passed without a look: what is kept says nothing of the disk any more.
    func isPast(at moment: Timestamp) -> Bool {
        hour.last.map { moment.seconds(since: $0.at) > Self.slot * Double(Self.slots) } ?? true
    }

    /// Bytes an hour by least squares over the last hour; 0 until a minute has been seen.
    var bytesPerHour: Double {
        guard let first = hour.first, let last = hour.last, last.at.seconds(since: first.at) >= 60 else { return 0 }
        let times = hour.map { $0.at.seconds(since: first.at) }
        let values = hour.map { Double($0.free - first.free) }
        let meanTime = times.reduce(0, +) / Double(times.count)
        let meanValue = values.reduce(0, +) / Double(values.count)
        let spread = times.reduce(0) { $0 + ($1 - meanTime) * ($1 - meanTime) }
        guard spread > 0 else { return 0 }
        let slope = zip(times, values).reduce(0) { $0 + ($1.0 - meanTime) * ($1.1 - meanValue) } / spread
        return -slope * 3600
    }

    var trend: [Int] { day.map(\.free) + (hour.last.map { [$0.free] } ?? []) }
}
