import GRDB
import RunModel

/// The lines of the two logs. They have a counter of their own, one for the whole store.
enum LogRows {
    static func last(of session: SessionID, _ log: LogName, _ db: Database) throws -> Int64 {
        try db.number(
            "SELECT n FROM log_lines WHERE session = ? AND log = ? ORDER BY n DESC LIMIT 1", [session.rawValue, log.rawValue])
    }

    static func insert(_ entry: LogEntry, of session: SessionID, at: Timestamp, _ db: Database) throws -> StoredLogLine {
        let previous = try last(of: session, entry.log, db)
        let sql = "INSERT INTO log_lines (previous, at, session, log, level, source, message) VALUES (?, ?, ?, ?, ?, ?, ?)"
        let line = entry.line
        try db.run(
            sql,
            [previous, at.milliseconds, session.rawValue, entry.log.rawValue, line.level.rawValue, line.source, line.message])
        return StoredLogLine(n: db.lastInsertedRowID, previous: previous, at: at, session: session, log: entry.log, line: line)
    }

    /// `levels` empty means all.
    static func lines(_ question: LogQuestion, _ db: Database) throws -> [StoredLogLine] {
        var sql = "SELECT n, previous, at, level, source, message FROM log_lines WHERE session = ? AND log = ? AND n > ?"
        var arguments: StatementArguments = [question.session.rawValue, question.log.rawValue, question.after]
        if !question.levels.isEmpty {
            let words = question.levels.map(\.rawValue).sorted()
            sql += " AND level IN (\(words.map { _ in "?" }.joined(separator: ", ")))"
            arguments += StatementArguments(words)
        }
        if let text = question.containing, !text.isEmpty {
            sql += " AND (source || ' ' || message) LIKE ? ESCAPE '\\'"
            arguments += ["%\(escaped(text))%"]
        }
        if question.newest {
            sql = "SELECT * FROM (\(sql) ORDER BY n DESC LIMIT ?) ORDER BY n"
        } else {
            sql += " ORDER BY n LIMIT ?"
        }
        arguments += [question.limit]
        return try db.rows(sql, arguments).compactMap { line($0, question) }
    }

    /// How many lines there are of each level, and the newest line of all.
    static func counts(_ session: SessionID, _ log: LogName, _ db: Database) throws -> (counts: [LogLine.Level: Int], last: Int64)
    {
        let sql = "SELECT level, count(*) FROM log_lines WHERE session = ? AND log = ? GROUP BY level"
        let rows = try db.rows(sql, [session.rawValue, log.rawValue])
        let counts = rows.compactMap { row in LogLine.Level(rawValue: row[0]).map { ($0, row[1] as Int) } }
        return (Dictionary(counts) { $1 }, try last(of: session, log, db))
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += "%_\\".contains($1) ? "\\\($1)" : "\($1)" }
    }

    private static func line(_ row: Row, _ question: LogQuestion) -> StoredLogLine? {
        guard let level = LogLine.Level(rawValue: row[3]) else { return nil }
        return StoredLogLine(
            n: row[0], previous: row[1], at: Timestamp(milliseconds: row[2]), session: question.session, log: question.log,
            line: LogLine(level, row[4], row[5]))
    }
}

/// Which lines of a log.
struct LogQuestion {
    var session: SessionID
    var log: LogName
    var after: Int64
    var limit: Int
    var levels: Set<LogLine.Level>
    var containing: String?
    /// The last lines rather than the first.
    var newest: Bool
}
