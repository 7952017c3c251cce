import GRDB
import RunModel

/// A session as lists show it.
public struct SessionSummary: Hashable, Sendable {
    public var session: Session
    public var microscope: MicroscopeDescription
    /// The stored status; what may be shown depends on a living run as well.
    public var status: SessionStatus
    public var grids: Int
    public var gridsCompleted: Int
    public var images: Int
    /// Of the last run.
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var isArchived = false
}

/// Which sessions to list; what is nil does not matter.
public struct SessionFilter: Hashable, Sendable {
    public var groups: Set<String>?
    public var microscope: MicroscopeID?
    public var statuses: Set<SessionStatus>?
    public var isArchived: Bool?
    /// Part of the name, upper and lower case alike.
    public var name: String?

    public init(
        groups: Set<String>? = nil, microscope: MicroscopeID? = nil, statuses: Set<SessionStatus>? = nil, isArchived: Bool? = nil,
        name: String? = nil
    ) {
        self.groups = groups
        self.microscope = microscope
        self.statuses = statuses
        self.isArchived = isArchived
        self.name = name
    }
}

extension RunStore {
    public func session(_ id: SessionID) throws(StoreError) -> SessionSummary? {
        try reading { db in try Self.summaries("WHERE sessions.id = ?", [id.rawValue], db).first }
    }

    /// The name of the session that has the folder of this new one; nil where it is free.
    public func taken(by session: Session) throws(StoreError) -> String? { try reading { try SessionRow.taken(by: session, $0) } }

    /// Newest first; `after` is the last session of the page before.
    public func sessions(
        _ filter: SessionFilter = SessionFilter(), after: SessionID? = nil, limit: Int = 100
    ) throws(StoreError) -> [SessionSummary] {
        var conditions: [String] = []
        var arguments = StatementArguments()
        func add(_ condition: String, _ values: [String]) {
            conditions.append(condition)
            arguments += StatementArguments(values)
        }
        func among(_ column: String, _ values: [String]) {
            add("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))", values.sorted())
        }
        if let groups = filter.groups { among("\"group\"", Array(groups)) }
        if let statuses = filter.statuses { among("status", statuses.map(\.rawValue)) }
        if let microscope = filter.microscope { add("microscope = ?", [microscope.rawValue]) }
        if let name = filter.name, !name.isEmpty { add("instr(lower(name), lower(?)) > 0", [name]) }
        if let isArchived = filter.isArchived { add("archived = ?", [isArchived ? "1" : "0"]) }
        if let after { add("created < (SELECT created FROM sessions WHERE id = ?)", [after.rawValue]) }
        arguments += [limit]
        let all = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try reading { [arguments] in try Self.summaries("\(all) ORDER BY created DESC LIMIT ?", arguments, $0) }
    }

    /// Sessions whose stored status needs a living run behind it.
    public func sessionsWithActiveStatus() throws(StoreError) -> [SessionID] {
        let words = SessionStatus.allCases.filter(\.needsHolder).map(\.rawValue)
        let sql = "SELECT id FROM sessions WHERE status IN (\(words.map { _ in "?" }.joined(separator: ", "))) ORDER BY created"
        return try reading { try $0.rows(sql, StatementArguments(words)).map { SessionID(unchecked: $0[0]) } }
    }

    private static func summaries(_ rest: String, _ arguments: StatementArguments, _ db: Database) throws -> [SessionSummary] {
        let sql = "SELECT id, status, grids, grids_completed, images, started, ended, archived FROM sessions \(rest)"
        return try db.rows(sql, arguments).compactMap { row in
            guard let created = try SessionCreated.read(SessionID(unchecked: row[0]), db) else { return nil }
            let status: String = row[1]
            return SessionSummary(
                session: created.session, microscope: created.microscope,
                // We did not write a word that is not a status; nothing can be running under it.
                status: SessionStatus(rawValue: status) ?? .interrupted, grids: row[2], gridsCompleted: row[3], images: row[4],
                startedAt: (row[5] as Int64?).map(Timestamp.init(milliseconds:)),
                endedAt: (row[6] as Int64?).map(Timestamp.init(milliseconds:)), isArchived: row[7])
        }
    }
}
