import GRDB
import RunModel

/// The dose ledger: an intent is on disk before the shutter opens, its outcome after.
enum DoseRows {
    /// The last line of defence against a second dose: whatever the engine believes, an exposure that is open, saved, unknown or left
    /// is not begun again.
    static func begin(_ micrograph: MicrographID, seq: Int64, _ db: Database) throws {
        let earlier = try db.row(
            "SELECT outcome FROM exposures WHERE micrograph = ? ORDER BY began DESC LIMIT 1", [micrograph.rawValue])
        if let earlier {
            let outcome: String? = earlier[0]
            let mayRepeat = [ExposureSettled.Outcome.notTaken, .again].map(\.rawValue)
            guard let outcome, mayRepeat.contains(outcome) else { throw StoreError.exposedAlready(micrograph, outcome: outcome) }
        }
        try db.run(
            "INSERT INTO exposures (began, micrograph, grid, session) VALUES (?, ?, ?, ?)",
            [seq, micrograph.rawValue, micrograph.grid.rawValue, micrograph.session.rawValue])
    }

    static func settle(_ micrograph: MicrographID, _ outcome: ExposureSettled.Outcome, seq: Int64, _ db: Database) throws {
        let sql = """
            UPDATE exposures SET outcome = ?, settled = ? WHERE micrograph = ? AND (outcome IS NULL OR outcome = 'unknown')
            """
        try db.run(sql, [outcome.rawValue, seq, micrograph.rawValue])
        guard db.changesCount == 1 else { throw StoreError.unknown("open exposure of \(micrograph)") }
    }

    /// Its movie has been worked on, well or not.
    static func work(_ micrograph: MicrographID, seq: Int64, _ db: Database) throws {
        try db.run("UPDATE exposures SET worked = ? WHERE micrograph = ? AND outcome = 'saved'", [seq, micrograph.rawValue])
    }

    static func toWorkOn(limit: Int, without sessions: [SessionID], _ db: Database) throws -> [MicrographID] {
        let places = sessions.map { _ in "?" }.joined(separator: ", ")
        let sql = """
            SELECT micrograph FROM exposures WHERE outcome = 'saved' AND worked IS NULL AND session NOT IN (\(places))
            ORDER BY began LIMIT ?
            """
        return try db.rows(sql, StatementArguments(sessions.map(\.rawValue)) + [limit]).map { MicrographID(unchecked: $0[0]) }
    }

    static func micrographs(of session: SessionID, where condition: String, _ db: Database) throws -> [MicrographID] {
        try db.rows("SELECT micrograph FROM exposures WHERE session = ? AND \(condition) ORDER BY began", [session.rawValue])
            .map { MicrographID(unchecked: $0[0]) }
    }
}
