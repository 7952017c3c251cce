import GRDB
import RunModel

/// What the list of sessions needs without folding each one; its `status` is the one stored place for a session's status.
struct SessionRow: Hashable, Sendable {
    /// As stored: after an accident this may be a word that is not a status.
    var status: String
    var gridsCompleted: Int
    var images: Int
    var startedAt: Int64?
    var endedAt: Int64?

    func status(else told: SessionStatus) -> SessionStatus { SessionStatus(rawValue: status) ?? told }

    mutating func count(_ state: SessionState) {
        gridsCompleted = state.grids.count { $0.status == .completed }
        images = state.grids.reduce(0) { $0 + $1.images }
        startedAt = state.process.startedAt?.milliseconds
        endedAt = state.process.endedAt?.milliseconds
    }

    static func read(_ id: SessionID, _ db: Database) throws -> SessionRow? {
        let sql = "SELECT status, grids_completed, images, started, ended FROM sessions WHERE id = ?"
        guard let row = try db.row(sql, [id.rawValue]) else { return nil }
        return SessionRow(status: row[0], gridsCompleted: row[1], images: row[2], startedAt: row[3], endedAt: row[4])
    }

    func update(_ id: SessionID, _ db: Database) throws {
        try db.run(
            "UPDATE sessions SET status = ?, grids_completed = ?, images = ?, started = ?, ended = ? WHERE id = ?",
            [status, gridsCompleted, images, startedAt, endedAt, id.rawValue])
    }

    static func checkFree(_ news: SessionCreated, in entry: Entry, _ db: Database) throws {
        let session = news.session
        guard session.id == entry.session else { throw StoreError.unknown("session \(entry.session)") }
        if try db.number("SELECT 1 FROM sessions WHERE id = ?", [session.id.rawValue]) == 1 {
            throw StoreError.idTaken(session.id.rawValue)
        }
        if let other = try taken(session.name, in: session.group, db) {
            throw StoreError.nameTaken(name: other, group: session.group)
        }
    }

    /// Names hold ASCII only. Some shares take two that differ in case for one, and a session's folder is named for it.
    static func taken(_ name: String, in group: String, _ db: Database) throws -> String? {
        let sql = "SELECT name FROM sessions WHERE \"group\" = ? COLLATE NOCASE AND name = ? COLLATE NOCASE"
        return try db.text(sql, [group, name])
    }

    static func create(_ news: SessionCreated, seq: Int64, _ db: Database) throws -> SessionRow {
        let session = news.session
        try db.run(
            "INSERT INTO sessions (id, created, name, \"group\", microscope, status, grids) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                session.id.rawValue, seq, session.name, session.group, session.microscope.rawValue,
                SessionStatus.ready.rawValue, news.grids.count,
            ])
        return SessionRow(status: SessionStatus.ready.rawValue, gridsCompleted: 0, images: 0)
    }
}
