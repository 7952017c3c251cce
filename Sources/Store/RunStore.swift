import Foundation
import GRDB
import JSONText
import RunModel

/// Everything that must survive: one SQLite file, written in whole transactions, each on the disk before its call returns.
///
/// All calls are synchronous. Writes wait for each other; reads see the last whole transaction.
public final class RunStore: Sendable {
    /// Tells this store from any other: numbers of one mean nothing in another.
    public let identity: String
    /// Where it is, for the sentences of its problems.
    let path: String
    let cache: StateCache
    private let database: any DatabaseWriter
    private let gate: OpenGate
    /// Nil: calls are carried out where they are made.
    private let caller: (any StoreCaller)?
    /// Nil for a store in memory.
    let watch: StoreWatch?
    /// What this opening put in the store's place; nil as a rule.
    public let restored: CarriedRestore?

    init(
        _ database: any DatabaseWriter, path: String, identity: String, isFile: Bool = false, restored: CarriedRestore? = nil
    ) throws(StoreError) {
        self.database = database
        self.path = path
        self.restored = restored
        (cache, gate, caller) = (StateCache(), OpenGate(), nil)
        do {
            if let known = try database.read({ try $0.text("SELECT value FROM meta WHERE name = 'identity'", []) }) {
                self.identity = known
            } else {
                self.identity = try database.write { db in
                    try db.run("INSERT OR IGNORE INTO meta (name, value) VALUES ('identity', ?)", [identity])
                    return try db.text("SELECT value FROM meta WHERE name = 'identity'", []) ?? identity
                }
            }
        } catch {
            throw StoreError(error, path: path)
        }
        watch = isFile ? try StoreWatch(path: path) : nil
    }

    private init(_ other: RunStore, caller: any StoreCaller) {
        (identity, path, cache) = (other.identity, other.path, other.cache)
        (database, gate, watch, restored) = (other.database, other.gate, other.watch, other.restored)
        self.caller = caller
    }

    /// This very store, with its calls carried out by `caller`: for somebody who must not wait for its disk.
    public func called(by caller: any StoreCaller) -> RunStore { RunStore(self, caller: caller) }

    /// Opens the file, or makes it; what is there is never overwritten.
    public static func open(at path: String) throws(StoreError) -> RunStore {
        let (pool, restored) = try StoreFile(path: path).open()
        return try RunStore(pool, path: path, identity: UUID().uuidString, isFile: true, restored: restored)
    }

    /// A store that ends with its last user. `named` ones share their contents within the process.
    public static func inMemory(named name: String? = nil, identity: String = UUID().uuidString) throws(StoreError) -> RunStore {
        do {
            guard let name else {
                let queue = try DatabaseQueue(configuration: StoreFile.configuration)
                try empty.get().backup(to: queue)
                return try RunStore(queue, path: "memory", identity: identity)
            }
            let queue = try DatabaseQueue(named: name, configuration: StoreFile.configuration)
            try Schema.migrator.migrate(queue)
            return try RunStore(queue, path: name, identity: identity)
        } catch {
            throw StoreError(error, path: name ?? "memory")
        }
    }

    /// Made once: a schema takes longer to make than to copy.
    private static let empty = Result {
        let queue = try DatabaseQueue(configuration: StoreFile.configuration)
        try Schema.migrator.migrate(queue)
        return queue
    }

    /// Writes one change. On return it is on the disk; tell it in the order of `told`.
    ///
    /// `late` hears of a change that was written after its caller was told that the disk does not answer.
    public func append(
        _ entry: Entry, at moment: Timestamp, late: (@Sendable (Appended) -> Void)? = nil
    ) throws(StoreError) -> Appended {
        let texts: [String]
        do { texts = try entry.events.map { try JSONText.encode($0.data) } } catch { throw StoreError(error, path: path) }
        return try asking(.change(of: entry.session), late: late) { [cache, database, watch] in
            try watch?.check()
            let change = try database.write { db in
                var change = Change(entry, at: moment, db, cache)
                try change.write(texts)
                return change
            }
            change.keep()
            return change.appended
        }
    }

    /// Takes the next number for a holder of this microscope: it rises for ever, and every older holder is shut out once this returns.
    ///
    /// `session`: whose run asks. `late` hears of a number that was taken after its caller was told that the disk does not answer: nobody else was
    /// given it.
    public func nextEpoch(
        of microscope: MicroscopeID, for session: SessionID? = nil, late: (@Sendable (Int) -> Void)? = nil
    ) throws(StoreError) -> Int {
        try writing(of: session, late: late) { try LockRows.raise(microscope, $0) }
    }

    /// Ends all connections, once the calls under way have ended; later calls are refused. What stands in the write-ahead log goes into the
    /// file first, so that the file alone is the whole store.
    public func close() throws(StoreError) {
        do {
            try gate.close {
                // A reader of another process keeps the log; then both files belong together, as while running.
                _ = try? database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
                try database.close()
            }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    func reading<Value: Sendable>(
        of session: SessionID? = nil, _ body: @escaping @Sendable (Database) throws -> Value
    ) throws(StoreError) -> Value {
        try asking(.read(of: session)) { [database] in
            // A queue guards its reads with a pragma, after which SQLite prepares every statement anew; nobody else is in it meanwhile.
            if let alone = database as? DatabaseQueue { return try alone.unsafeRead(body) }
            return try database.read(body)
        }
    }

    /// Refused while the file that was opened stands no longer in its place.
    func writing<Value: Sendable>(
        of session: SessionID? = nil, late: (@Sendable (Value) -> Void)? = nil,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) throws(StoreError) -> Value {
        try asking(.change(of: session), late: late) { [database, watch] in
            try watch?.check()
            return try database.write(body)
        }
    }

    /// Outside a transaction: for settings of the writing connection.
    func configuring<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) throws(StoreError) -> Value {
        try asking(.change) { [database] in try database.writeWithoutTransaction(body) }
    }

    private func asking<Value: Sendable>(
        _ kind: StoreCall, late: (@Sendable (Value) -> Void)? = nil, _ body: @escaping @Sendable () throws -> Value
    ) throws(StoreError) -> Value {
        guard let caller else { return try Self.result(path, gate, body).get() }
        return try caller.call(kind, on: path, late: late) { [path, gate] in Self.result(path, gate, body) }
    }

    private static func result<Value>(_ path: String, _ gate: OpenGate, _ body: () throws -> Value) -> Result<Value, StoreError> {
        do {
            guard let value = try gate.pass(body) else { return .failure(.closed(path: path)) }
            return .success(value)
        } catch {
            return .failure(StoreError(error, path: path))
        }
    }
}
