import GRDB
import JSONText
import RunModel

/// One entry on its way into the store: checks, writes, folds and tells, inside one transaction.
///
/// The states it works on are out of the cache until the transaction is written, so nobody sees what may yet be rolled back.
struct Change {
    private let entry: Entry
    private let at: Timestamp
    private let db: Database
    private let cache: StateCache
    private var session: FoldedState<SessionState>?
    private var grids: [GridID: FoldedState<GridState>] = [:]
    private var facility: FoldedState<FacilityState>?
    private var row: SessionRow?
    private(set) var appended = Appended()

    init(_ entry: Entry, at: Timestamp, _ db: Database, _ cache: StateCache) {
        self.entry = entry
        self.at = at
        self.db = db
        self.cache = cache
    }

    /// `texts` are the events' data, encoded before the transaction began.
    mutating func write(_ texts: [String]) throws {
        if let fence = entry.fence { try LockRows.check(fence, db) }
        row = try SessionRow.read(entry.session, db)
        let before = row
        for (event, text) in zip(entry.events, texts) { try add(event, text) }
        guard let row else { throw StoreError.unknown("session \(entry.session)") }
        if let before, before != row { try row.update(entry.session, db) }
        try writeCheckpoints()
        for line in entry.lines { appended.lines.append(try LogRows.insert(line, of: entry.session, at: at, db)) }
    }

    /// Once the transaction is written.
    func keep() {
        if let session { cache.sessions.put(session, for: entry.session) }
        if let facility { cache.facility.put(facility, for: Facility()) }
        for (id, grid) in grids { cache.grids.put(grid, for: id) }
    }

    private mutating func add(_ event: RunEvent, _ text: String) throws {
        if case .gridAdded(let news) = event { try beginGrid(news.grid) }
        if let grid = event.grid { try openGrid(grid) { try event.checkGridMoves(in: $0) } }
        if case .sessionCreated(let news) = event { try SessionRow.checkFree(news, in: entry, db) }
        let stored = try EventLog.insert(event, data: text, entry: entry, at: at, db)
        try project(stored)
        try openSession()
        try tell(stored, text)
    }

    private mutating func beginGrid(_ grid: Grid) throws {
        guard let created = try SessionCreated.read(entry.session, db) else {
            throw StoreError.unknown("session \(entry.session)")
        }
        guard try grids[grid.id] == nil && FoldedState<GridState>.load(grid.id, db, cache, toChange: true) == nil else {
            throw StoreError.idTaken(grid.id.rawValue)
        }
        grids[grid.id] = FoldedState(seq: 0, state: GridState(grid, of: created))
    }

    private mutating func openGrid(_ id: GridID, check: (GridState) throws -> Void) throws {
        if grids[id] == nil { grids[id] = try FoldedState.load(id, db, cache, toChange: true) }
        guard id.session == entry.session, let grid = grids[id]?.state else { throw StoreError.unknown("grid \(id)") }
        try check(grid)
    }

    private mutating func openSession() throws {
        if session == nil { session = try FoldedState.load(entry.session, db, cache, toChange: true) }
        guard session != nil else { throw StoreError.unknown("session \(entry.session)") }
    }

    /// The rows beside the log: sessions, dose ledger, locks.
    private mutating func project(_ stored: StoredEvent) throws {
        switch stored.event {
        case .sessionCreated(let news): row = try SessionRow.create(news, seq: stored.seq, db)
        case .exposureBegan(let news): try DoseRows.begin(news.micrograph.id, seq: stored.seq, db)
        case .exposureSaved(let news): try DoseRows.settle(news.micrograph, .saved, seq: stored.seq, db)
        case .exposureSettled(let news): try DoseRows.settle(news.micrograph, news.outcome, seq: stored.seq, db)
        case .micrographProcessed(let news): try DoseRows.work(news.micrograph, seq: stored.seq, db)
        case .processingFailed(let news):
            if let micrograph = news.micrograph { try DoseRows.work(micrograph, seq: stored.seq, db) }
        case .lockTaken(let news): try LockRows.take(news, db)
        case .lockFreed(let news): try LockRows.free(news, db)
        default: break
        }
    }

    private mutating func tell(_ stored: StoredEvent, _ text: String) throws {
        appended.events.append(stored)
        for topic in stored.topics {
            let previous: Int64
            switch topic {
            case .session: previous = try tellSession(stored, text.utf8.count)
            case .grid(let id):
                previous = grids[id]?.seq ?? 0
                grids[id]?.apply(stored, bytes: text.utf8.count)
            case .facility:
                if facility == nil { facility = try FoldedState.load(Facility(), db, cache, toChange: true) }
                previous = facility?.seq ?? 0
                facility?.apply(stored, bytes: text.utf8.count)
            case .log: continue
            }
            appended.told.append(try EventLog.tell(stored, data: text, on: topic, after: previous, db))
        }
    }

    private mutating func tellSession(_ stored: StoredEvent, _ bytes: Int) throws -> Int64 {
        let previous = session?.seq ?? 0
        session?.apply(stored, bytes: bytes)
        guard let state = session?.state else { return previous }
        if stored.event.movesSession, let from = row?.status(else: state.status) {
            try stored.event.checkSessionMove(entry.session, from: from, to: state.status)
            row?.status = state.status.rawValue
        }
        row?.count(state)
        return previous
    }

    private mutating func writeCheckpoints() throws {
        try session?.writeCheckpointIfDue(.session(entry.session), db)
        try facility?.writeCheckpointIfDue(.facility, db)
        for id in grids.keys.sorted() { try grids[id]?.writeCheckpointIfDue(.grid(id), db) }
    }
}
