import GRDB
import JSONText
import RunModel

/// The table of the audit log: only added to, in a chain.
enum AuditSchema {
    /// SQLite itself refuses what would change the past, whichever program asks. Replacing a row removes the old one without asking the trigger
    /// for that, so it is refused as a row that is not the next one.
    static let guards: [(against: String, sql: String)] = [
        (
            "changed",
            """
            CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END
            """
        ),
        (
            "removed",
            """
            CREATE TRIGGER audit_kept BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END
            """
        ),
        (
            "put in between",
            """
            CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
            WHEN NEW.n IS NOT (SELECT coalesce(max(n), 0) + 1 FROM audit)
                OR NEW.previous IS NOT coalesce((SELECT hash FROM audit ORDER BY n DESC LIMIT 1), '\(AuditChain.beginning)')
            BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END
            """
        ),
    ]

    /// A trigger that is none of the schema's own: it can swallow what is written, or write what nobody asked for. Nil where there is none.
    static func foreignTrigger(_ db: Database) throws -> String? {
        let own = Set(guards.map(\.sql))
        let rows = try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        return rows.first { !own.contains($0[1] ?? "") }.map { $0[0] }
    }

    private static let table = """
        CREATE TABLE audit (
            n INTEGER PRIMARY KEY,          -- 1, 2, 3, without a gap
            at INTEGER NOT NULL,            -- milliseconds since 1970, UTC
            person TEXT NOT NULL,
            role TEXT NOT NULL,
            address TEXT NOT NULL,
            act TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL,           -- JSON
            outcome TEXT NOT NULL,
            code TEXT NOT NULL,             -- of the problem, where it was refused
            previous TEXT NOT NULL,
            hash TEXT NOT NULL
        );
        CREATE INDEX audit_of_person ON audit (person, n);
        CREATE INDEX audit_of_act ON audit (act, n);
        CREATE INDEX audit_of_subject ON audit (subject, n);
        CREATE INDEX audit_of_sign_ins ON audit (person, at) WHERE act = 'signIn' AND outcome = 'taken';
        """

    /// What was written before there was a chain becomes its beginning. From here on it cannot be changed unseen; whether it was before, nobody
    /// can say.
    static func migrate(_ db: Database) throws {
        try db.execute(sql: "ALTER TABLE audit RENAME TO audit_before; \(table)")
        for trigger in guards { try db.execute(sql: trigger.sql) }
        let rows = try Row.fetchCursor(db, sql: "SELECT at, who, what, \"on\", detail FROM audit_before ORDER BY n")
        while let row = try rows.next() { try AuditRows.insert(entry(before: row), db) }
        try db.execute(sql: "DROP TABLE audit_before")
    }

    /// The words of older programs, and what they stand for now.
    private static let words: [String: (act: String, kind: String)] = [
        "forceStart": ("forceStart", "session"), "forceKill": ("forceKill", "session"),
        "removeLock": ("removeLock", "microscope"),
        "signedIn": ("signIn", "person"), "signedOut": ("signOut", "person"), "signInRefused": ("signIn", "person"),
        "personAdded": ("addPerson", "person"), "personRemoved": ("removePerson", "person"),
        "personUnlocked": ("unlock", "person"), "passwordSet": ("setPassword", "person"),
        "passwordRehashed": ("rehashPassword", "person"), "roleSet": ("setRole", "person"), "tokenAdded": ("addToken", "person"),
        "tokenRemoved": ("revokeToken", "person"), "groupAdded": ("addGroup", "group"), "groupRemoved": ("removeGroup", "group"),
        "groupJoined": ("joinGroup", "person"), "groupLeft": ("leaveGroup", "person"),
        "equipment.kept": ("keepEquipment", "equipment"), "equipment.removed": ("removeEquipment", "equipment"),
    ]

    private static func entry(before row: Row) -> AuditEntry {
        let (who, what, on, detail): (String, String, String, String) = (row[1], row[2], row[3], row[4])
        let known = words[what]
        let refusal = detail.split(separator: " refused: ").last.map(String.init)
        let isRefused = what == "signInRefused" || detail.contains(" refused: ")
        return AuditEntry(
            at: Timestamp(milliseconds: row[0]), by: AuditAuthor(person: who, role: "", address: ""), known?.act ?? what,
            on: known.map { "\($0.kind)/\(on)" } ?? on, detail: detail.isEmpty ? [:] : ["words": .string(detail)],
            outcome: isRefused ? .refused(code: what == "signInRefused" ? "account.wrong" : refusal ?? "") : .taken)
    }
}
