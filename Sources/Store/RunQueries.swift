import GRDB
import JSONText
import RunModel

// The reads, one function per question, one read transaction each.

extension RunStore {
    /// The run page's state. Its status is the stored one, which an accident may have changed: derive what may be shown from it.
    public func state(of session: SessionID) throws(StoreError) -> Snapshot<SessionState>? {
        try reading(of: session) { [self] db in
            guard let folded = try FoldedState<SessionState>.load(session, db, cache, toChange: false) else { return nil }
            var state = folded.state
            state.status = try SessionRow.read(session, db)?.status(else: state.status) ?? state.status
            return Snapshot(seq: folded.seq, state: state)
        }
    }

    public func state(of grid: GridID) throws(StoreError) -> Snapshot<GridState>? {
        try reading(of: grid.session) { [self] db in try self.grid(grid, db).map { Snapshot(seq: $0.seq, state: $0.state) } }
    }

    /// All microscopes that ever had a session, and all sessions with their stored status.
    public func facility() throws(StoreError) -> Snapshot<FacilityState> {
        try reading { [self] db in
            guard let folded = try FoldedState<FacilityState>.load(Facility(), db, cache, toChange: false) else {
                return Snapshot(seq: 0, state: FacilityState(microscopes: []))
            }
            var state = folded.state
            let pairs = try db.rows("SELECT id, status FROM sessions", []).map { row in (row[0] as String, row[1] as String) }
            let stored = Dictionary(uniqueKeysWithValues: pairs)
            for index in state.sessions.indices {
                let word = stored[state.sessions[index].id.rawValue] ?? ""
                state.sessions[index].status = SessionStatus(rawValue: word) ?? state.sessions[index].status
            }
            return Snapshot(seq: folded.seq, state: state)
        }
    }

    func grid(_ id: GridID, _ db: Database) throws -> FoldedState<GridState>? {
        try FoldedState<GridState>.load(id, db, cache, toChange: false)
    }
}

// MARK: - Events and log lines

extension RunStore {
    /// Events of a topic with numbers above `after`, in order.
    public func events(on topic: Topic, after: Int64, limit: Int) throws(StoreError) -> [TopicEvent] {
        try reading { try EventLog.events(on: topic, after: after, limit: limit, $0) }
    }

    /// The newest number in the whole store; 0 while it is empty.
    public func newestSeq() throws(StoreError) -> Int64 { try reading { try EventLog.newestSeq($0) } }

    /// The newest number on a topic; 0 while it has none.
    public func lastSeq(on topic: Topic) throws(StoreError) -> Int64 { try reading { try EventLog.lastSeq(on: topic, $0) } }

    /// Lines with numbers above `after`, in order: the first of them, or the newest. No levels means all of them; `containing` is looked for in source
    /// and message.
    public func logLines(
        of session: SessionID, log: LogName, after: Int64 = 0, limit: Int, levels: Set<LogLine.Level> = [],
        containing text: String? = nil, newest: Bool = false
    ) throws(StoreError) -> [StoredLogLine] {
        let question = LogQuestion(
            session: session, log: log, after: after, limit: limit, levels: levels, containing: text, newest: newest)
        return try reading { try LogRows.lines(question, $0) }
    }

    /// How many lines a log has of each level, up to which line.
    public func logCounts(
        of session: SessionID, log: LogName
    ) throws(StoreError) -> (counts: [LogLine.Level: Int], last: Int64) { try reading { try LogRows.counts(session, log, $0) } }

    /// The last lines of a log, in order.
    public func newestLogLines(of session: SessionID, log: LogName, limit: Int) throws(StoreError) -> [StoredLogLine] {
        try logLines(of: session, log: log, limit: limit, newest: true)
    }

    /// How many lines of a log lie between two of their numbers.
    public func countLogLines(
        of session: SessionID, log: LogName, after: Int64, before: Int64
    ) throws(StoreError) -> Int {
        let sql = "SELECT count(*) FROM log_lines WHERE session = ? AND log = ? AND n > ? AND n < ?"
        return Int(try reading { try $0.number(sql, [session.rawValue, log.rawValue, after, before]) })
    }

    /// The number of a log's last line; 0 while it is empty.
    public func lastLine(of session: SessionID, log: LogName) throws(StoreError) -> Int64 {
        try reading { try LogRows.last(of: session, log, $0) }
    }
}

// MARK: - Grids, targets and micrographs

extension RunStore {
    public func grid(_ id: GridID) throws(StoreError) -> Grid? { try state(of: id)?.state.grid }

    /// Squares, then holes.
    public func targets(of grid: GridID) throws(StoreError) -> [Target]? {
        try state(of: grid).map { $0.state.squares + $0.state.holes }
    }

    public func target(_ id: TargetID) throws(StoreError) -> Target? { try state(of: id.grid)?.state.target(id) }

    public func micrograph(_ id: MicrographID) throws(StoreError) -> Micrograph? { try state(of: id.grid)?.state.micrograph(id) }

    /// In the order they were begun.
    public func micrographs(of grid: GridID) throws(StoreError) -> [Micrograph]? { try state(of: grid)?.state.micrographs }
}

// MARK: - Dose ledger and locks

extension RunStore {
    /// Exposures begun without an outcome: at most one unless something went badly wrong.
    public func openExposures(of session: SessionID) throws(StoreError) -> [Micrograph] {
        try exposures(of: session, where: "outcome IS NULL")
    }

    /// Exposures of which nobody can tell whether they happened.
    public func unknownExposures(of session: SessionID) throws(StoreError) -> [Micrograph] {
        try exposures(of: session, where: "outcome = 'unknown'")
    }

    /// Exposures that this grid had or may have had: all that were begun but those that the microscope did not take.
    public func exposureCount(of grid: GridID) throws(StoreError) -> Int {
        let sql = "SELECT count(*) FROM exposures WHERE grid = ? AND outcome IS NOT 'notTaken'"
        return Int(try reading(of: grid.session) { try $0.number(sql, [grid.rawValue]) })
    }

    private func exposures(of session: SessionID, where condition: String) throws(StoreError) -> [Micrograph] {
        try reading(of: session) { [self] db in
            try DoseRows.micrographs(of: session, where: condition, db).compactMap { id in
                try self.grid(id.grid, db)?.state.micrograph(id)
            }
        }
    }

    /// 0 for a microscope that was never held. `session`: whose run asks.
    public func epoch(of microscope: MicroscopeID, for session: SessionID? = nil) throws(StoreError) -> Int {
        try reading(of: session) { try LockRows.epoch(of: microscope, $0) }
    }

    /// Of all microscopes that are held.
    public func holders() throws(StoreError) -> [MicroscopeID: LockHolder] { try reading { try LockRows.holders($0) } }

    public func holder(of microscope: MicroscopeID) throws(StoreError) -> LockHolder? {
        try reading { try LockRows.holder(of: microscope, $0) }
    }
}
