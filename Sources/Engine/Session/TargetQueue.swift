import RunModel
import Store

/// What is queued, skipped and put first. The state itself is the store's; here is who may change it how.
public actor TargetQueue {
    nonisolated let session: SessionID
    let parts: EngineParts
    let journal: Journal
    let changes: Condition

    public nonisolated var unownedExecutor: UnownedSerialExecutor { parts.executor.asUnownedSerialExecutor() }

    init(_ session: SessionID, parts: EngineParts, journal: Journal, changes: Condition) {
        self.session = session
        self.parts = parts
        self.journal = journal
        self.changes = changes
    }

    /// All or nothing. A prompt that is open learns how many targets wait now.
    func edit(_ edit: QueueEdit, by person: String, command: CommandID) throws(EngineError) {
        let state = try journal.state(of: session)
        let change = try change(for: edit, state, by: person)
        var events: [RunEvent] = [.queueChanged(change)]
        if var prompt = state.prompt, prompt.kind == .gridFinished {
            var after = state.queue
            after.apply(change)
            prompt.queued = after.waiting(of: prompt.grid)
            if !change.added.isEmpty { prompt.addedBy = person }
            events.append(.promptUpdated(prompt))
        }
        let line = LogLine(.info, "queue", "\(person) \(edit.summary)")
        do throws(StoreError) {
            try journal.recordNow(
                Entry(session: session, events: events, lines: [LogEntry(log: .imaging, line: line)], command: command),
                afterwards: { [changes] in changes.signal() })
        } catch {
            throw .store(error)
        }
        changes.signal()
    }

    private func change(for edit: QueueEdit, _ state: SessionState, by person: String) throws(EngineError) -> QueueChanged {
        guard edit.version == state.queue.version else { throw .queueChanged(version: state.queue.version) }
        guard let grid = state.current, let summary = state.grids.first(where: { $0.grid.id == grid }),
            summary.status != .completed
        else {
            throw .queueTarget(edit.named.first ?? "none", "cannot be queued, because no grid is being imaged")
        }
        if let twice = edit.namedTwice { throw .queueTarget(twice, "is named twice") }
        var change = QueueChanged(grid: grid, version: state.queue.version + 1, by: person)
        for id in edit.add { change.added.append(try item(for: id, on: grid, state)) }
        let queued = Set(state.queue.items.map(\.id))
        for id in edit.remove + edit.first + edit.skip + edit.unskip + (edit.order ?? [])
        where !queued.contains(id) && !edit.add.contains(id) {
            guard try journal.grid(grid).target(id) != nil else { throw .unknown("target", id: id.rawValue) }
            throw .queueChanged(version: state.queue.version)
        }
        change.removed = edit.remove
        change.skipped = edit.skip
        change.unskipped = edit.unskip
        change.order = edit.wholeOrder(of: state.queue)
        return change
    }

    private func item(for id: TargetID, on grid: GridID, _ state: SessionState) throws(EngineError) -> QueueItem {
        guard id.grid == grid else {
            let isKnown = try journal.asking { store throws(StoreError) in try store.target(id) } != nil
            throw isKnown ? .queueTarget(id, "is on a grid that is not in the column") : .unknown("target", id: id.rawValue)
        }
        guard let target = try journal.grid(grid).target(id) else { throw .unknown("target", id: id.rawValue) }
        // Skipped targets are in the queue and are taken up again by `unskip`; one that is being imaged is the run's.
        guard target.status == .found || target.status == .failed, !state.queue.items.contains(where: { $0.id == id }) else {
            throw .queueTarget(id, "is \(target.status.rawValue) and cannot be queued")
        }
        return Self.item(id, settings: state.session.settings, engine: parts.settings)
    }
}

extension TargetQueue {
    /// A queue item with what it will take: 75 s to map a square, 25 s to centre a hole, 20 s and the exposure for each movie.
    static func item(_ id: TargetID, exposures: Int? = nil, settings: GridSettings, engine: EngineSettings) -> QueueItem {
        guard id.kind == .hole else { return QueueItem(id: id, exposures: 0, seconds: engine.scaled(75)) }
        let exposures = exposures ?? settings.exposuresPerHole
        let seconds = 25 + Double(exposures) * (20 + settings.movie.exposureTime)
        return QueueItem(id: id, exposures: exposures, seconds: engine.scaled(seconds))
    }

    /// Empties the queue at the end of a grid: what waited goes back to the found, what was skipped stays skipped.
    static func dropping(_ queue: QueueState, of grid: GridID) -> [RunEvent] {
        let items = queue.items(of: grid)
        guard !items.isEmpty else { return [] }
        var change = QueueChanged(grid: grid, version: queue.version + 1)
        change.removed = items.filter { !$0.isSkipped }.map(\.id)
        change.taken = items.filter(\.isSkipped).map(\.id)
        return [.queueChanged(change)]
    }
}

/// What an operator asks of the queue: target ids, all or nothing.
public struct QueueEdit: Sendable, Hashable {
    public var version: Int
    public var add: [TargetID] = []
    public var remove: [TargetID] = []
    public var first: [TargetID] = []
    public var skip: [TargetID] = []
    public var unskip: [TargetID] = []
    public var order: [TargetID]?
    public init(version: Int) { self.version = version }

    var named: [TargetID] { add + remove + first + skip + unskip + (order ?? []) }

    /// A target that is to go two ways at once. One that is added may be skipped or put first.
    var namedTwice: TargetID? {
        let ways = [add + remove, remove + skip + unskip, remove + first, remove + (order ?? [])]
        for ids in ways {
            var seen: Set<TargetID> = []
            if let twice = ids.first(where: { !seen.insert($0).inserted }) { return twice }
        }
        return nil
    }

    /// `first` outranks `order`; nil where neither is asked for.
    func wholeOrder(of queue: QueueState) -> [TargetID]? {
        guard !first.isEmpty || order != nil else { return nil }
        let rest = order ?? (queue.items.map(\.id) + add)
        return first + rest.filter { !first.contains($0) }
    }

    var summary: String {
        let parts = [
            ("added", add.count), ("removed", remove.count), ("put first", first.count), ("skipped", skip.count),
            ("took back the skip of", unskip.count),
        ]
        let said = parts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1) \($0.1 == 1 ? "target" : "targets")" }
        return said.isEmpty ? "put the queue in a new order" : said.joined(separator: ", ")
    }
}
