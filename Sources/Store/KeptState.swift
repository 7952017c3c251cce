import GRDB
import JSONText
import RunModel

/// A live state that can be had from the store: its newest checkpoint and the events since.
protocol KeptState: LiveState {
    associatedtype Key: Hashable & Sendable
    static func topic(of key: Key) -> Topic
    static func shelf(in cache: StateCache) -> Shelf<Key, Self>
    /// The state before its first event; nil for what was never created.
    static func beginning(of key: Key, _ db: Database) throws -> Self?
}

extension SessionState: KeptState {
    static func topic(of key: SessionID) -> Topic { .session(key) }
    static func shelf(in cache: StateCache) -> Shelf<SessionID, SessionState> { cache.sessions }
    static func beginning(of key: SessionID, _ db: Database) throws -> SessionState? {
        try SessionCreated.read(key, db).map { SessionState($0) }
    }
}

extension GridState: KeptState {
    static func topic(of key: GridID) -> Topic { .grid(key) }
    static func shelf(in cache: StateCache) -> Shelf<GridID, GridState> { cache.grids }
    static func beginning(of key: GridID, _ db: Database) throws -> GridState? {
        guard let created = try SessionCreated.read(key.session, db), let grid = created.grids.first(where: { $0.id == key })
        else { return nil }
        return GridState(grid, of: created)
    }
}

extension FacilityState: KeptState {
    static func topic(of key: Facility) -> Topic { .facility }
    static func shelf(in cache: StateCache) -> Shelf<Facility, FacilityState> { cache.facility }
    static func beginning(of key: Facility, _ db: Database) throws -> FacilityState? { FacilityState(microscopes: []) }
}

extension SessionCreated {
    static func read(_ session: SessionID, _ db: Database) throws -> SessionCreated? {
        let sql = "SELECT events.data FROM sessions JOIN events ON events.seq = sessions.created WHERE sessions.id = ?"
        return try db.text(sql, [session.rawValue]).map { try JSONText.decode(SessionCreated.self, from: $0) }
    }
}

extension Held where State: KeptState {
    /// The state at its topic's last event, from memory as far as it reaches there. Whoever changes it takes it out of memory.
    static func load(_ key: State.Key, _ db: Database, _ cache: StateCache, toChange: Bool) throws -> Held? {
        let topic = State.topic(of: key)
        let shelf = State.shelf(in: cache)
        let last = try EventLog.lastSeq(on: topic, db)
        let kept = toChange ? shelf.take(key) : shelf.look(key)
        if let kept, kept.seq == last { return kept }
        // One that is ahead belongs to a file that was put back from a backup.
        let usable = kept.flatMap { $0.seq < last ? $0 : nil }
        guard var held = try usable ?? checkpoint(key, db) ?? beginning(key, db) else { return nil }
        for told in try EventLog.events(on: topic, after: held.seq, limit: .max, db) {
            held.apply(try told.stored(), bytes: told.data.utf8.count)
        }
        if !toChange { shelf.put(held, for: key) }
        return held
    }

    private static func beginning(_ key: State.Key, _ db: Database) throws -> Held? {
        try State.beginning(of: key, db).map { Held(seq: 0, state: $0) }
    }

    private static func checkpoint(_ key: State.Key, _ db: Database) throws -> Held? {
        let statement = try db.cachedStatement(sql: "SELECT seq, state FROM checkpoints WHERE topic = ?")
        statement.setUncheckedArguments([State.topic(of: key).text])
        guard let row = try Row.fetchOne(statement) else { return nil }
        let text: String = row[1]
        var held = Held(seq: row[0], state: try JSONText.decode(State.self, from: text))
        held.checkpointBytes = text.utf8.count
        return held
    }

    mutating func writeCheckpointIfDue(_ topic: Topic, _ db: Database) throws {
        guard isCheckpointDue else { return }
        let text = try JSONText.encode(state)
        try db.run("INSERT OR REPLACE INTO checkpoints (topic, seq, state) VALUES (?, ?, ?)", [topic.text, seq, text])
        eventsSince = 0
        bytesSince = 0
        checkpointBytes = text.utf8.count
    }
}
