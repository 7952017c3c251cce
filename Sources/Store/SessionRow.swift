import GRDB
import RunModel

/// What the list of sessions needs without folding each one; its `status` is the one stored place for a session's status.
struct SessionRow: Hashable, Sendable {
    /// As stored: after an accident this may be a word that is not a status.
    var status: String
    var grids: Int
    var gridsCompleted: Int
    var images: Int
    var startedAt: Int64?
    var endedAt: Int64?
    var isArchived = false

    func status(else told: SessionStatus) -> SessionStatus { SessionStatus(rawValue: status) ?? told }

    mutating func count(_ state: SessionState) {
        grids = state.grids.count
        gridsCompleted = state.grids.count { $0.status == .completed }
        images = state.grids.reduce(0) { $0 + $1.images }
        startedAt = state.process.startedAt?.milliseconds
        endedAt = state.process.endedAt?.milliseconds
        isArchived = state.archived == true
    }

    static func read(_ id: SessionID, _ db: Database) throws -> SessionRow? {
        let sql = "SELECT status, grids, grids_completed, images, started, ended, archived FROM sessions WHERE id = ?"
        guard let row = try db.row(sql, [id.rawValue]) else { return nil }
        return SessionRow(
            status: row[0], grids: row[1], gridsCompleted: row[2], images: row[3], startedAt: row[4], endedAt: row[5],
            isArchived: row[6])
    }

    func update(_ id: SessionID, _ db: Database) throws {
        try db.run(
            """
            UPDATE sessions SET status = ?, grids = ?, grids_completed = ?, images = ?, started = ?, ended = ?, archived = ? WHERE id = ?
            """,
            [status, grids, gridsCompleted, images, startedAt, endedAt, isArchived, id.rawValue])
    }

    static func checkFree(_ news: SessionCreated, in entry: Entry, _ db: Database) throws {
        let session = news.session
        guard session.id == entry.session else { throw StoreError.unknown("session \(entry.session)") }
        if try db.number("SELECT 1 FROM sessions WHERE id = ?", [session.id.rawValue]) == 1 {
            throw StoreError.idTaken(session.id.rawValue)
        }
        if let other = try taken(by: session, db) {
            throw StoreError.nameTaken(name: other, group: session.group)
        }
    }

    /// The name of the session whose folder this one would have. Names hold ASCII only, and some shares take two that differ in case for one.
    static func taken(by session: Session, _ db: Database) throws -> String? {
        try db.text("SELECT name FROM sessions WHERE directory = ? COLLATE NOCASE", [session.directory])
    }

    static func create(_ news: SessionCreated, seq: Int64, _ db: Database) throws -> SessionRow {
        let session = news.session
        try db.run(
            "INSERT INTO sessions (id, created, name, \"group\", microscope, status, grids, directory) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                session.id.rawValue, seq, session.name, session.group, session.microscope.rawValue,
                SessionStatus.ready.rawValue, news.grids.count,
                session.directory,
            ])
        return SessionRow(status: SessionStatus.ready.rawValue, grids: news.grids.count, gridsCompleted: 0, images: 0)
    }
}
