import GRDB
import JSONText
import RunModel

/// A live state that can be had from the store: its newest checkpoint and the events since.
protocol StoredState: LiveState {
    associatedtype Key: Hashable & Sendable
    static func topic(of key: Key) -> Topic
    static func cache(in cache: StateCache) -> LRUCache<Key, Self>
    /// The state before its first event; nil for what was never created.
    static func beginning(of key: Key, _ db: Database) throws -> Self?
}

extension SessionState: StoredState {
    static func topic(of key: SessionID) -> Topic { .session(key) }
    static func cache(in cache: StateCache) -> LRUCache<SessionID, SessionState> { cache.sessions }
    static func beginning(of key: SessionID, _ db: Database) throws -> SessionState? {
        try SessionCreated.read(key, db).map { SessionState($0) }
    }
}

extension GridState: StoredState {
    static func topic(of key: GridID) -> Topic { .grid(key) }
    static func cache(in cache: StateCache) -> LRUCache<GridID, GridState> { cache.grids }
    static func beginning(of key: GridID, _ db: Database) throws -> GridState? {
        guard let created = try SessionCreated.read(key.session, db) else { return nil }
        let grid = try created.grids.first { $0.id == key } ?? added(key, db)
        return grid.map { GridState($0, of: created) }
    }

    /// One that came later is first heard of in the event that added it.
    private static func added(_ key: GridID, _ db: Database) throws -> Grid? {
        let first = try EventLog.events(on: .grid(key), after: 0, limit: 1, db).first
        guard case .gridAdded(let news)? = try first?.stored().event else { return nil }
        return news.grid
    }
}

extension FacilityState: StoredState {
    static func topic(of key: Facility) -> Topic { .facility }
    static func cache(in cache: StateCache) -> LRUCache<Facility, FacilityState> { cache.facility }
    static func beginning(of key: Facility, _ db: Database) throws -> FacilityState? { FacilityState(microscopes: []) }
}

extension SessionCreated {
    static func read(_ session: SessionID, _ db: Database) throws -> SessionCreated? {
        let sql = "SELECT events.data FROM sessions JOIN events ON events.seq = sessions.created WHERE sessions.id = ?"
        return try db.text(sql, [session.rawValue]).map { try JSONText.decode(SessionCreated.self, from: $0) }
    }
}
