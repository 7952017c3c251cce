import GRDB
import JSONText
import RunModel

/// A live state at the number of its topic's last event. Events are never changed, so what was folded stays true; it may only grow old,
/// which its number tells.
struct FoldedState<State: LiveState>: Sendable {
    var seq: Int64
    var state: State
    /// What came after the checkpoint, and the checkpoint's own size, bytes.
    var eventsSince = 0
    var bytesSince = 0
    var checkpointBytes = 0
    /// Something else may have changed the file since: it must be compared before it is used again.
    var isDoubted = false

    mutating func apply(_ stored: StoredEvent, bytes: Int) {
        state.apply(stored)
        seq = stored.seq
        eventsSince += 1
        bytesSince += bytes
    }

    /// A large state is written again only after news of a quarter of its size, so that checkpoints never cost more than events do.
    var isCheckpointDue: Bool { eventsSince >= 100 && bytesSince * 4 >= checkpointBytes }
}

extension FoldedState where State: StoredState {
    /// The state at its topic's last event. What is in memory is used, and events are read only from there on. `toChange` takes it out of the
    /// cache, so that nobody else sees a change that is not written yet.
    static func load(_ key: State.Key, _ db: Database, _ cache: StateCache, toChange: Bool) throws -> FoldedState? {
        let topic = State.topic(of: key)
        let states = State.cache(in: cache)
        let last = try EventLog.lastSeq(on: topic, db)
        let kept = toChange ? states.take(key) : states.look(key)
        if let kept, kept.seq == last { return kept }
        // One that is ahead belongs to a file that was put back from a backup.
        let usable = kept.flatMap { $0.seq < last ? $0 : nil }
        guard var folded = try usable ?? checkpoint(key, db) ?? beginning(key, db) else { return nil }
        for told in try EventLog.events(on: topic, after: folded.seq, limit: .max, db) {
            folded.apply(try told.stored(), bytes: told.data.utf8.count)
        }
        if !toChange { states.put(folded, for: key) }
        return folded
    }

    private static func beginning(_ key: State.Key, _ db: Database) throws -> FoldedState? {
        try State.beginning(of: key, db).map { FoldedState(seq: 0, state: $0) }
    }

    /// Nil for one that another fold made or that cannot be read: its state is folded anew, since only the events are the truth.
    private static func checkpoint(_ key: State.Key, _ db: Database) throws -> FoldedState? {
        let sql = "SELECT seq, state FROM checkpoints WHERE topic = ? AND fold = ?"
        guard let row = try db.row(sql, [State.topic(of: key).text, FoldVersion.current]) else { return nil }
        let text: String = row[1]
        guard let state = try? JSONText.decode(State.self, from: text) else { return nil }
        return FoldedState(seq: row[0], state: state, checkpointBytes: text.utf8.count)
    }

    mutating func writeCheckpointIfDue(_ topic: Topic, _ db: Database) throws {
        guard isCheckpointDue else { return }
        let text = try JSONText.encode(state)
        try db.run(
            "INSERT OR REPLACE INTO checkpoints (topic, seq, state, fold) VALUES (?, ?, ?, ?)",
            [topic.text, seq, text, FoldVersion.current])
        eventsSince = 0
        bytesSince = 0
        checkpointBytes = text.utf8.count
    }
}
