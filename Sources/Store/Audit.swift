import GRDB
import RunModel

/// Who did what to what: acts of staff, sign-ins, changes of accounts.
public struct AuditEntry: Hashable, Sendable {
    public var at: Timestamp
    public var who: String
    /// `forceKill`, `removeLock`, `signInRefused`…
    public var what: String
    /// The session, microscope or person it was done to.
    public var on: String
    public var detail: String

    public init(at: Timestamp, who: String, what: String, on: String, detail: String = "") {
        self.at = at
        self.who = who
        self.what = what
        self.on = on
        self.detail = detail
    }
}

extension RunStore {
    public func append(audit entry: AuditEntry) throws(StoreError) {
        try writing { try AuditRows.insert(entry, $0) }
    }

    /// Newest first.
    public func audit(limit: Int = 100) throws(StoreError) -> [AuditEntry] {
        try reading { db in
            try db.rows("SELECT at, who, what, \"on\", detail FROM audit ORDER BY n DESC LIMIT ?", [limit]).map {
                AuditEntry(at: Timestamp(milliseconds: $0[0]), who: $0[1], what: $0[2], on: $0[3], detail: $0[4])
            }
        }
    }
}

enum AuditRows {
    static func insert(_ entry: AuditEntry, _ db: Database) throws {
        try db.run(
            "INSERT INTO audit (at, who, what, \"on\", detail) VALUES (?, ?, ?, ?, ?)",
            [entry.at.milliseconds, entry.who, entry.what, entry.on, entry.detail])
    }
}
