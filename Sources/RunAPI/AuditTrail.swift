import Blocking
import RunModel
import Store
import Synchronization

/// Rows of the audit log on their way into the store, in their order.
///
/// What ends a run in need must not wait for a silent store, and what was done must not be forgotten either. So a row stands here until the
/// store has taken it; one that the store did not take at once is also in the server's own log, in case the process ends first. Only acts
/// of staff come here, which are few.
final class AuditTrail: Sendable {
    private struct Row: Sendable {
        let entry: AuditEntry
        var isLogged = false
    }
    private let store: RunStore
    private let log: @Sendable (String) -> Void
    /// Of its own and one call wide: rows keep their order, and a crowd of readers does not hold them up.
    let lane: BlockingLane
    private let rows = Mutex<[Row]>([])
    /// Longer than a healthy store takes, and short enough for somebody who waits for a run to end.
    private let patience: Duration

    init(
        _ store: RunStore, lane: BlockingLane = BlockingLane("store"), patience: Duration,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.lane = lane
        self.patience = patience
        self.log = log
    }

    func add(_ entry: AuditEntry) { rows.withLock { $0.append(Row(entry: entry)) } }

    /// Returns when every row is written, or when the store has not taken them in time: the next call tries them again.
    func write() async {
        guard !rows.withLock(\.isEmpty) else { return }
        let result: Result<Void, StoreError>
        do throws(BlockingProblem) {
            result = try await lane.run(deadline: patience) { Result { () throws(StoreError) in try self.writeNow() } }
        } catch {
            return sayUnwritten(error.sentence)
        }
        if case .failure(let cause) = result { sayUnwritten(cause.sentence) }
    }

    private func writeNow() throws(StoreError) {
        while let row = rows.withLock(\.first) {
            try store.append(audit: row.entry)
            // Only this thread takes rows away, so it is still the first.
            rows.withLock { _ = $0.removeFirst() }
        }
    }

    private func sayUnwritten(_ cause: String) {
        let unwritten = rows.withLock { rows in
            defer { for index in rows.indices { rows[index].isLogged = true } }
            return rows.filter { !$0.isLogged }.map(\.entry)
        }
        for entry in unwritten {
            log("\(entry.what) on \(entry.on) by \(entry.who) (\(entry.detail)) is not yet in the audit log. \(cause)")
        }
    }
}
