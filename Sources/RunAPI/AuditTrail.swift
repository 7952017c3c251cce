import Blocking
import JSONText
import RunModel
import Store
import Synchronization

/// Records of the audit log on their way into the store, in their order.
///
/// What ends a run in need must not wait for a silent store, and what was done must not be forgotten either. So a record stands here until the
/// store has taken it; one that the store did not take at once is also in the server's own log, in case the process ends first.
final class AuditTrail: Sendable {
    private struct Waiting: Sendable {
        let entry: AuditEntry
        var isLogged = false
    }
    private struct State: Sendable {
        var waiting: [Waiting] = []
        var refusals = AuditRefusals()
        /// Beyond `capacity`, which only the server's log has; and when the last of them was.
        var lost: (count: Int, at: Timestamp)?
    }
    private let store: RunStore
    private let log: @Sendable (String) -> Void
    /// Of its own and one call wide: records keep their order, and a crowd of readers does not hold them up.
    let lane: BlockingLane
    private let state = Mutex(State())
    /// How long whoever waits for a record waits for the store.
    private let patience: Duration
    private let elapsed: @Sendable () -> Duration
    /// A store that takes nothing for days is no reason to run out of memory.
    static let capacity = 5000

    init(
        _ store: RunStore, lane: BlockingLane = BlockingLane("store"), patience: Duration,
        elapsed: @escaping @Sendable () -> Duration, log: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.lane = lane
        self.patience = patience
        self.elapsed = elapsed
        self.log = log
    }

    func add(_ entry: AuditEntry) {
        let isLost = state.withLock { state in
            guard state.waiting.count < Self.capacity else {
                state.lost = ((state.lost?.count ?? 0) + 1, entry.at)
                return true
            }
            state.waiting.append(Waiting(entry: entry))
            return false
        }
        if isLost { say(entry, "is only in this log", "\(Self.capacity) others wait for the store.") }
    }

    /// One that was refused: written as it is, or counted with others of the same person and act.
    func refuse(_ entry: AuditEntry) {
        let isFirst = state.withLock { $0.refusals.isFirst(entry, at: elapsed()) }
        if isFirst { add(entry) }
    }

    /// One that is asked for: written before it is done, unless its like was refused again and again within the last minute.
    func ask(_ entry: AuditEntry) {
        if state.withLock({ $0.refusals.isWorthAsking(entry, at: elapsed()) }) { add(entry) }
    }

    /// Returns when every record is written, or when the store has not taken them in time: the next call tries them again.
    func write(within patience: Duration? = nil) async { await write(all: false, within: patience ?? self.patience) }

    /// For the end of the program: what is still counted is written too.
    func finish() async { await write(all: true, within: patience) }

    private func write(all: Bool, within patience: Duration) async {
        for entry in state.withLock({ $0.refusals.takeDue(at: elapsed(), all: all) }) { add(entry) }
        guard !state.withLock(\.waiting.isEmpty) else { return }
        let result: Result<Void, StoreError>
        do throws(BlockingProblem) {
            result = try await lane.run(deadline: patience) { Result { () throws(StoreError) in try self.writeNow() } }
        } catch {
            return sayUnwritten(error.sentence)
        }
        if case .failure(let cause) = result { sayUnwritten(cause.sentence) }
    }

    private func writeNow() throws(StoreError) {
        while let next = state.withLock(\.waiting.first) {
            try store.append(audit: next.entry)
            // Only this thread takes records away, so it is still the first.
            state.withLock { _ = $0.waiting.removeFirst() }
        }
        guard let lost = state.withLock(\.lost) else { return }
        let server = AuditAuthor(person: "server", role: "server", address: "")
        try store.append(
            audit: AuditEntry(at: lost.at, by: server, "auditLost", on: "", detail: ["times": .integer(lost.count)]))
        state.withLock { state in
            guard let now = state.lost else { return }
            state.lost = now.count > lost.count ? (now.count - lost.count, now.at) : nil
        }
    }

    private func sayUnwritten(_ cause: String) {
        let unwritten = state.withLock { state in
            defer { for index in state.waiting.indices { state.waiting[index].isLogged = true } }
            return state.waiting.filter { !$0.isLogged }.map(\.entry)
        }
        for entry in unwritten { say(entry, "is not yet in the audit log", cause) }
    }

    private func say(_ entry: AuditEntry, _ what: String, _ cause: String) {
        let detail = (try? JSONText.encode(entry.detail)) ?? ""  // values of our own, which always have a text
        log("\(entry.act) on \(entry.subject) by \(entry.author.person) (\(entry.outcome) \(detail)) \(what). \(cause)")
    }
}
