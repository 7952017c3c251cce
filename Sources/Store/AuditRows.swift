import GRDB
import JSONText
import RunModel

/// The rows of the audit log. Each is written in the transaction of what it tells, where that is a change of the store.
enum AuditRows {
    /// In a transaction that writes: nobody else adds a row meanwhile, so the chain has one end.
    static func insert(_ entry: AuditEntry, _ db: Database) throws {
        let written = try AuditHead(text: db.text("SELECT value FROM meta WHERE name = 'auditHead'", []) ?? "")
        let found = try head(db)
        if written != found { try note(written, instead: found, at: entry.at, db) }
        try add(entry, db)
    }

    static func head(_ db: Database) throws -> AuditHead? {
        try db.row("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1", []).map { AuditHead(number: $0[0], hash: $0[1]) }
    }

    /// The end of the log is not what it was when somebody last wrote there. That stays in it: the next row would otherwise cover it up.
    private static func note(_ written: AuditHead?, instead found: AuditHead?, at moment: Timestamp, _ db: Database) throws {
        let detail: [String: JSONValue] = [
            "written": .string(written?.text ?? "nothing"), "found": .string(found?.text ?? "nothing"),
        ]
        let author = AuditAuthor(person: "server", role: "server", address: "")
        try add(AuditEntry(at: moment, by: author, AuditChain.breakAct, on: "", detail: detail), db)
    }

    private static func add(_ entry: AuditEntry, _ db: Database) throws {
        let last = try head(db)
        var row = AuditChain.Row(
            number: (last?.number ?? 0) + 1, at: entry.at.milliseconds, person: entry.author.person, role: entry.author.role,
            address: entry.author.address, act: entry.act, subject: entry.subject, detail: try JSONText.encode(entry.detail),
            outcome: entry.outcome.word, code: entry.outcome.code, previous: last?.hash ?? AuditChain.beginning)
        row.hash = row.ownHash
        try db.run(
            """
            INSERT INTO audit (n, at, person, role, address, act, subject, detail, outcome, code, previous, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                row.number, row.at, row.person, row.role, row.address, row.act, row.subject, row.detail, row.outcome, row.code,
                row.previous, row.hash,
            ])
        try db.run(
            "INSERT INTO meta (name, value) VALUES ('auditHead', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [AuditHead(number: row.number, hash: row.hash).text])
    }

    static func read(_ filter: AuditFilter, limit: Int, _ db: Database) throws -> [AuditRecord] {
        let order = filter.isOldestFirst ? ("ASC", ">") : ("DESC", "<")
        let conditions: [(String, (any DatabaseValueConvertible)?)] = [
            ("person = ?", filter.person), ("act = ?", filter.act), ("subject = ?", filter.session.map { "session/\($0)" }),
            ("at >= ?", filter.since?.milliseconds), ("n \(order.1) ?", filter.after),
        ]
        let asked = conditions.filter { $0.1 != nil }
        let places = asked.isEmpty ? "" : "WHERE \(asked.map(\.0).joined(separator: " AND "))"
        let sql = "SELECT \(AuditChain.columns) FROM audit \(places) ORDER BY n \(order.0) LIMIT ?"
        return try db.rows(sql, StatementArguments(asked.map(\.1) + [limit as (any DatabaseValueConvertible)?])).map {
            AuditRecord(AuditChain.Row($0))
        }
    }
}

extension AuditRecord {
    fileprivate init(_ row: AuditChain.Row) {
        let author = AuditAuthor(person: row.person, role: row.role, address: row.address)
        // Somebody may have changed the text behind our back. It is shown all the same, and found out by the chain.
        let detail = (try? JSONText.parse(row.detail))?.fields ?? ["unreadable": .string(row.detail)]
        self.init(
            number: row.number,
            entry: AuditEntry(
                at: Timestamp(milliseconds: row.at), by: author, row.act, on: row.subject, detail: detail,
                outcome: AuditOutcome(word: row.outcome, code: row.code)), previous: row.previous, hash: row.hash)
    }
}
