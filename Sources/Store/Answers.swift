import GRDB
import RunModel

/// What a command was answered, kept so that the same key of the same person does nothing twice.
public struct StoredAnswer: Hashable, Sendable {
    /// Of the request: the same key with another request is the caller's mistake.
    public var requestDigest: String
    public var status: Int
    public var body: String
    public var at: Timestamp

    public init(requestDigest: String, status: Int, body: String, at: Timestamp) {
        self.requestDigest = requestDigest
        self.status = status
        self.body = body
        self.at = at
    }
}

extension RunStore {
    private static let answerLifetime: Int64 = 24 * 3_600_000

    /// The answer given under this key within the last 24 hours.
    public func idempotent(person: String, key: String, now: Timestamp) throws(StoreError) -> StoredAnswer? {
        let sql = "SELECT digest, status, body, at FROM answers WHERE person = ? AND \"key\" = ? AND at > ?"
        return try reading { db in
            try db.row(sql, [person, key, now.milliseconds - Self.answerLifetime]).map {
                StoredAnswer(requestDigest: $0[0], status: $0[1], body: $0[2], at: Timestamp(milliseconds: $0[3]))
            }
        }
    }

    /// Keeps an answer and drops those that have expired. The first answer under a key stays; it is returned.
    public func remember(_ answer: StoredAnswer, person: String, key: String) throws(StoreError) -> StoredAnswer {
        let oldest = answer.at.milliseconds - Self.answerLifetime
        try writing { db in
            try db.run("DELETE FROM answers WHERE at <= ?", [oldest])
            try db.run(
                "INSERT OR IGNORE INTO answers (person, \"key\", digest, status, body, at) VALUES (?, ?, ?, ?, ?, ?)",
                [person, key, answer.requestDigest, answer.status, answer.body, answer.at.milliseconds])
        }
        return try idempotent(person: person, key: key, now: answer.at) ?? answer
    }
}
