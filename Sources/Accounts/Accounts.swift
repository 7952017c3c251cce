import Blocking
import RunModel
import Store
import Synchronization

/// People, their passwords and their sign-ins.
///
/// Everything that blocks (hashing, writing) runs on one thread of its own; who stands behind a token is answered from memory.
public final class Accounts: Sendable {
    let store: RunStore
    let now: @Sendable () -> Timestamp
    let cost: HashCost
    let queue: BlockingLane
    let memory = Mutex(AccountMemory())
    /// Verified against when the name is unknown, so that a wrong name takes as long as a wrong password.
    private let nobody: String

    /// Hashes once, about 0.1 s. `waiting` bounds the sign-ins that may wait their turn.
    public init(
        store: RunStore, cost: HashCost = .interactive, waiting: Int = 32, now: @escaping @Sendable () -> Timestamp
    ) throws(AccountError) {
        self.store = store
        self.now = now
        self.cost = cost
        queue = BlockingLane("accounts", waiting: waiting)
        nobody = try PasswordHash.make(try Secret.make(), cost)
        try reload()
    }

    /// The person behind a cookie or an API token, from memory: may be asked where nothing may block.
    public func person(forToken token: String) -> Person? {
        let hash = Secret.hash(token)
        let moment = now()
        return memory.withLock { $0.person(forHash: hash, at: moment) }
    }

    /// Five wrong passwords for a name from one address, then five minutes' wait.
    public func signIn(username: String, password: String, address: String) async throws(AccountError) -> SignIn {
        let key = SignInLimit.Key(username: username, address: address)
        let moment = now()
        let left = try memory.withLock { memory throws(AccountError) in try memory.limit.begin(key, at: moment) }
        do {
            let signIn = try await queue.run { () throws(AccountError) in
                try self.check(username, password, address, left: left, at: moment)
            }
            memory.withLock { $0.limit.succeeded(key) }
            return signIn
        } catch {
            if case .wrong = error { throw error }
            memory.withLock { $0.limit.takeBack(key) }
            throw error
        }
    }

    /// Ends one sign-in; an unknown token is already ended.
    public func signOut(token: String) async throws(AccountError) {
        let hash = Secret.hash(token)
        let moment = now()
        try await queue.run { () throws(AccountError) in
            guard let credential = self.memory.withLock({ $0.credential(hash) }), credential.kind == .signIn else { return }
            let audit = AuditEntry(at: moment, who: credential.username, what: "signedOut", on: credential.username)
            _ = try self.write(.revoke(hash: hash), audit)
        }
    }

    /// Takes in what another process changed and writes what was prolonged. To be run every two seconds.
    public func refresh() async throws(AccountError) {
        try await queue.run(endsWhenCancelled: true) { () throws(AccountError) in try self.refreshNow() }
    }

    private func refreshNow() throws(AccountError) {
        let version: Int64
        do {
            for (hash, until) in memory.withLock({ $0.takeProlonged() }) { try store.change(.prolong(hash: hash, until: until)) }
            version = try store.accountsVersion()
        } catch {
            throw .store(error)
        }
        if version != memory.withLock({ $0.version }) { try reload() }
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
        do { isChanged = try store.change(change, audit: audit) } catch { throw .store(error) }
        try reload()
        return isChanged
    }
}

// On the blocking thread.
extension Accounts {
    private func check(
        _ username: String, _ password: String, _ address: String, left: Int, at moment: Timestamp
    ) throws(AccountError) -> SignIn {
        try reload()
        let record = memory.withLock { $0.people[username] }
        let isRight = PasswordHash.verify(PasswordRule.trimmed(password), against: record?.password ?? nobody)
        guard let record, isRight else {
            // Somebody may have typed the password into the wrong field: only what can be a name is written down.
            let name = NameRule.allows(username) ? username : "?"
            try note(AuditEntry(at: moment, who: name, what: "signInRefused", on: name, detail: "from \(address)"))
            throw .wrong(triesLeft: left)
        }
        if PasswordHash.isWeaker(record.password, than: cost) { try strengthen(record, password, at: moment) }
        return try grant(Person(record), from: address, at: moment)
    }

    private func grant(_ person: Person, from address: String, at moment: Timestamp) throws(AccountError) -> SignIn {
        let token = try Secret.make()
        let expires = moment.advanced(bySeconds: AccountMemory.signInSeconds)
        let credential = CredentialRecord(
            hash: Secret.hash(token), username: person.username, kind: .signIn, name: address, createdAt: moment,
            expiresAt: expires)
        do { try store.change(.dropExpired(now: moment)) } catch { throw .store(error) }
        _ = try write(
            .grant(credential),
            AuditEntry(at: moment, who: person.username, what: "signedIn", on: person.username, detail: "from \(address)"))
        return SignIn(token: token, person: person, expiresAt: expires)
    }

    private func strengthen(_ record: PersonRecord, _ password: String, at moment: Timestamp) throws(AccountError) {
        let hash = try PasswordHash.make(password, cost)
        _ = try write(
            .rehash(username: record.username, hash: hash),
            AuditEntry(at: moment, who: record.username, what: "passwordRehashed", on: record.username))
    }

    private func note(_ entry: AuditEntry) throws(AccountError) {
        do { try store.append(audit: entry) } catch { throw .store(error) }
    }
}
