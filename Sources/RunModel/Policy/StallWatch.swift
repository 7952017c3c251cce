/// Judges from pings and their answers whether a part of the server has stopped, and when it goes on.
public struct StallWatch: Hashable, Sendable {
    public enum Finding: Hashable, Sendable {
        case stalled(Duration)
        case goesOn(after: Duration)
    }

    /// A part that has answered nothing for so long has stopped.
    public let limit: Duration
    /// Between two looks.
    public let interval: Duration
    /// How long the last ping has been without its answer.
    public private(set) var silence = Duration.zero
    public private(set) var isStalled = false

    public init(limit: Duration, interval: Duration) {
        self.limit = limit
        self.interval = interval
    }

    /// `passed`: since the last look. Said once when a stall is found, and once when it is over.
    ///
    /// Whoever looks late was kept from it, as all the others were: a machine that slept, or a process that was held, is no stall of one part. So a look counts
    /// for two intervals at most.
    public mutating func look(isAnswered: Bool, passed: Duration) -> Finding? {
        silence += min(passed, interval * 2)
        guard isAnswered else {
            guard silence >= limit, !isStalled else { return nil }
            isStalled = true
            return .stalled(silence)
        }
        defer { (silence, isStalled) = (.zero, false) }
        return isStalled ? .goesOn(after: silence) : nil
    }
}
