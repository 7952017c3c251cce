import RunModel
import Store

/// An account as staff see it: nothing in it lets anybody in.
public struct Account: Hashable, Sendable {
    public struct Token: Hashable, Sendable {
        public var name: String
        public var createdAt: Timestamp
    }
    public var person: Person
    public var createdAt: Timestamp
    /// Nil for somebody who never signed in.
    public var lastSignIn: Timestamp?
    /// How many browsers are signed in at this moment.
    public var signIns: Int
    /// By name.
    public var tokens: [Token]
}

extension Accounts {
    /// Every account, by name, as the store has them now.
    public func roster() async throws(AccountError) -> [Account] {
        let moment = now()
        return try await queue.run { () throws(AccountError) in
            try self.reload()
            let last: [String: Timestamp]
            do throws(StoreError) { last = try self.store.lastSignIns() } catch { throw .store(error) }
            return self.memory.withLock { memory in
                memory.people.values.map { record in
                    Account(
                        person: Person(record), createdAt: record.createdAt, lastSignIn: last[record.username],
                        signIns: memory.signIns(of: record.username, at: moment).count,
                        tokens: memory.tokens(of: record.username).map { .init(name: $0.name, createdAt: $0.createdAt) })
                }
            }.sorted { $0.person.username < $1.person.username }
        }
    }
}
