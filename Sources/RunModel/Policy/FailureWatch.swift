/// Failures in a row for one reason: what comes next would fail of it as well, and cost beam and time.
public struct FailureWatch<Subject: Hashable & Sendable>: Hashable, Sendable {
    /// How many are enough.
    public let limit: Int
    private var reason: FailureReason?
    private var failed: [Subject] = []

    public init(limit: Int) { self.limit = limit }

    /// Those that failed in a row, once there are enough; then the count begins anew.
    public mutating func note(_ subject: Subject, _ reason: FailureReason) -> [Subject]? {
        if reason != self.reason { failed = [] }
        self.reason = reason
        failed.append(subject)
        guard failed.count >= limit else { return nil }
        defer { noteSuccess() }
        return failed
    }

    public mutating func noteSuccess() {
        reason = nil
        failed = []
    }
}
