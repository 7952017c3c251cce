import Blocking
import Hashing
import JSONText
import RunModel
import Store
import Synchronization

/// People, their passwords and their sign-ins.
///
/// Everything that blocks (hashing, writing) runs on one thread of its own; who stands behind a token is answered from memory.
public final class Accounts: Sendable {
    let store: RunStore
    let now: @Sendable () -> Timestamp
    /// By a clock that nobody sets: waits are counted in it.
    let uptime: @Sendable () -> Duration
    let cost: HashCost
    /// The part of the queue that browsers may fill which nobody knows.
    let strangersAtOnce: Int
    let log: @Sendable (String) -> Void
    /// Whether a password is the one of a hash; takes its full cost.
    let verify: @Sendable (_ password: String, _ hash: String) -> Bool
    let queue: BlockingLane
    let memory = Mutex(AccountMemory())
    /// Verified against when the name is unknown, so that a wrong name takes as long as a wrong password.
    let nobody: String

    /// Hashes once, about 0.1 s. `waiting` bounds the sign-ins that may wait their turn; `verify` is there for tests that count.
    public init(
        store: RunStore, cost: HashCost = .interactive, waiting: Int = 32, now: @escaping @Sendable () -> Timestamp,
        uptime: @escaping @Sendable () -> Duration = Accounts.sinceStart, log: @escaping @Sendable (String) -> Void = { _ in },
        verify: @escaping @Sendable (_ password: String, _ hash: String) -> Bool = PasswordHash.verify
    ) throws(AccountError) {
        self.store = store
        (self.now, self.uptime, self.log, self.verify) = (now, uptime, log, verify)
        self.cost = cost
        strangersAtOnce = max(1, waiting * 3 / 4)
        queue = BlockingLane("accounts", waiting: waiting)
        guard let nobody = PasswordHash.make(try Self.secret(), cost) else { throw .hashing }
        self.nobody = nobody
        try reload()
    }

    /// The person behind a cookie or an API token, from memory: may be asked where nothing may block.
    ///
    /// `isCookie`: how it came, where that counts. A token that stands in a cookie, or a sign-in in a script's header, is not what it was given
    /// out for, and is nobody's.
    public func person(forToken token: String, isCookie: Bool? = nil) -> Person? {
        let hash = Secret.hash(token)
        let moment = now()
        return memory.withLock { memory in
            if let isCookie, let kind = memory.credential(hash)?.kind, (kind == .signIn) != isCookie { return nil }
            return memory.person(forHash: hash, at: moment)
        }
    }

    /// Ends one sign-in; an unknown token is already ended.
    public func signOut(token: String, from address: String) async throws(AccountError) {
        let hash = Secret.hash(token)
        let moment = now()
        try await queue.run { () throws(AccountError) in
            guard let credential = self.memory.withLock({ $0.credential(hash) }), credential.kind == .signIn else { return }
            self.memory.withLock { $0.written(hash) }
            let person = self.memory.withLock { $0.people[credential.username].map(Person.init) }
            let audit = AuditEntry(
                at: moment, by: AuditAuthor(person ?? Person(username: credential.username), at: address), "signOut",
                on: "person/\(credential.username)")
            _ = try self.write(.revoke(hash: hash), audit)
        }
    }

    private static let start = ContinuousClock.now
    @Sendable public static func sinceStart() -> Duration { start.duration(to: .now) }

    /// Takes in what another process changed and writes what waits for it. To be run every second.
    public func refresh() async throws(AccountError) {
        try await queue.run(endsWhenCancelled: true) { () throws(AccountError) in
            try self.refreshNow()
            try self.writeFailures(isLast: false)
        }
    }

    /// The same for the end of the program: what is still counted is written.
    public func finish() async throws(AccountError) {
        do throws(AccountError) {
            try await queue.run(within: .seconds(2)) { () throws(AccountError) in
                // Written whatever became of the rest.
                let refreshed = Result { () throws(AccountError) in try self.refreshNow() }
                try self.writeFailures(isLast: true)
                try refreshed.get()
            }
        } catch {
            let (moment, cause) = (uptime(), error)
            for row in memory.withLock({ $0.failures.takeDue(at: moment, all: true) }) {
                log("\(row.count) wrong passwords for \(row.key.username) from \(row.key.address) are only in this log.")
            }
            throw cause
        }
    }

    /// What others changed counts first: a disk that takes nothing must not keep a right that was taken away.
    private func refreshNow() throws(AccountError) {
        let version: Int64
        do { version = try store.accountsVersion() } catch { throw .store(error) }
        if version != memory.withLock({ $0.version }) { try reload() }
        try writeWaiting()
    }

    private func writeWaiting() throws(AccountError) {
        let prolonged = memory.withLock { $0.takeProlonged() }
        do {
            for (hash, until) in prolonged { try store.change(.prolong(hash: hash, until: until)) }
            for waiting in memory.withLock(\.unwritten) {
                try store.change(.grant(waiting.credential), audit: waiting.audit)
                memory.withLock { $0.written(waiting.credential.hash) }
            }
        } catch {
            memory.withLock { $0.giveBack(prolonged) }
            throw .store(error)
        }
    }

    private func writeFailures(isLast: Bool) throws(AccountError) {
        let (moment, now) = (uptime(), now())
        let due = memory.withLock { $0.failures.takeDue(at: moment, all: isLast) }
        guard !due.isEmpty else { return }
        let entries = due.map { row in
            AuditEntry(
                at: now, by: AuditAuthor(person: row.key.username, role: "", address: row.key.address), "signIn",
                on: "person/\(row.key.username)", detail: ["times": .integer(row.count)], outcome: .refused(code: "account.wrong")
            )
        }
        do { try store.append(audit: entries) } catch {
            memory.withLock { $0.failures.giveBack(due) }
            throw .store(error)
        }
    }

    func reload() throws(AccountError) {
        do {
            let table = try store.accounts()
            memory.withLock { $0.load(table) }
        } catch {
            throw .store(error)
        }
    }

    /// Writes a change with its audit entry and takes it into memory. Blocks.
    func write(_ change: AccountChange, _ audit: AuditEntry) throws(AccountError) -> Bool {
        let isChanged: Bool
        do { isChanged = try store.change(change, audit: audit) } catch {
            if case .lastStaff(let username) = error { throw .lastStaff(username) }
            throw .store(error)
        }
        try reload()
        return isChanged
    }
}
