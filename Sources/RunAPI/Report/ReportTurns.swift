import Synchronization

/// How many reports are made at once: each holds a hundred megabytes while it is.
final class ReportTurns: Sendable {
    private let taken = Mutex(0)
    private let most: Int

    init(most: Int = 2) { self.most = most }

    /// Whoever has taken a turn gives it back.
    func take() throws(Problem) {
        let isFree = taken.withLock { taken in
            guard taken < most else { return false }
            taken += 1
            return true
        }
        guard isFree else {
            throw Problem(
                503, "server.busy", "Other reports are being made.", remedy: "Ask again in a minute.",
                headers: ["retry-after": "15"])
        }
    }

    func giveBack() { taken.withLock { $0 -= 1 } }
}
