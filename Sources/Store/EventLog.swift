import GRDB
import JSONText
import RunModel

/// The numbered events, for history and for late readers.
enum EventLog {
    static func lastSeq(on topic: Topic, _ db: Database) throws -> Int64 {
        try db.number("SELECT seq FROM event_topics WHERE topic = ? ORDER BY seq DESC LIMIT 1", [topic.text])
    }

    /// The newest number of all; numbers are never given twice, so it is right even when the newest event is gone.
    static func newestSeq(_ db: Database) throws -> Int64 {
        try db.number("SELECT seq FROM sqlite_sequence WHERE name = 'events'", [])
    }

    static func events(on topic: Topic, after: Int64, limit: Int, _ db: Database) throws -> [TopicEvent] {
        let sql = """
            SELECT event_topics.seq, previous, at, type, data, command, session
            FROM event_topics JOIN events ON events.seq = event_topics.seq
            WHERE topic = ? AND event_topics.seq > ? ORDER BY event_topics.seq LIMIT ?
            """
        return try db.rows(sql, [topic.text, after, limit]).map { TopicEvent($0, topic: topic) }
    }

    static func insert(_ event: RunEvent, data: String, entry: Entry, at: Timestamp, _ db: Database) throws -> StoredEvent {
        try db.run(
            "INSERT INTO events (at, session, type, data, command) VALUES (?, ?, ?, ?, ?)",
            [at.milliseconds, entry.session.rawValue, event.type, data, entry.command?.rawValue])
        return StoredEvent(
            seq: db.lastInsertedRowID, at: at, session: entry.session, event: event, command: entry.command)
    }

    static func tell(_ stored: StoredEvent, data: String, on topic: Topic, after previous: Int64, _ db: Database) throws
        -> TopicEvent
    {
        try db.run("INSERT INTO event_topics (topic, seq, previous) VALUES (?, ?, ?)", [topic.text, stored.seq, previous])
        return TopicEvent(
            topic: topic, seq: stored.seq, previous: previous, at: stored.at, type: stored.event.type, data: data,
            command: stored.command, session: stored.session)
    }
}

extension TopicEvent {
    init(_ row: Row, topic: Topic) {
        let command: String? = row[5]
        self.init(
            topic: topic, seq: row[0], previous: row[1], at: Timestamp(milliseconds: row[2]), type: row[3], data: row[4],
            command: command.map(CommandID.init(unchecked:)), session: SessionID(unchecked: row[6]))
    }

    /// The event behind the text.
    public func stored() throws(StoreError) -> StoredEvent {
        do {
            guard let event = try RunEvent(type: type, from: JSONEventData(value: try JSONText.parse(data))) else {
                throw StoreError.unreadable(what: "Event \(seq)", reason: "its type \(type) is not known.")
            }
            return StoredEvent(seq: seq, at: at, session: session, event: event, command: command)
        } catch let problem as JSONProblem {
            throw .unreadable(what: "Event \(seq)", reason: problem.sentence)
        } catch {
            throw StoreError(error, path: "event \(seq)")
        }
    }
}

/// An event's data as JSON.
struct JSONEventData: EventData {
    let value: JSONValue
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONText.decode(type, from: value) }
}
