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

    /// All or nothing. A grid that was closed is taken up again with the first target that is queued on it; a prompt that is open learns how many
    /// targets wait now.
    func edit(_ edit: QueueEdit, by person: String, command: CommandID) throws(EngineError) {
        let state = try journal.state(of: session)
        let changes = try changes(for: edit, state, by: person)
        var events = changes.filter { !$0.added.isEmpty }.compactMap { change -> RunEvent? in
            let isOpen = state.grids.contains { $0.grid.id == change.grid && $0.status.isOpen }
            return isOpen ? nil : .gridMoved(GridMoved(grid: change.grid, status: .waiting))
        }
        events += changes.map(RunEvent.queueChanged)
        if var prompt = state.prompt, prompt.kind == .gridFinished {
            var after = state.queue
            for change in changes { after.apply(change) }
            prompt.queued = after.waiting(of: prompt.grid)
            var later = state
            later.queue = after
            prompt.refresh(later)
            if changes.contains(where: { $0.grid == prompt.grid && !$0.added.isEmpty }) { prompt.addedBy = person }
            events.append(.promptUpdated(prompt))
        }
        let line = LogLine(.info, "queue", "\(person) \(edit.summary)")
        do throws(StoreError) {
            try journal.recordNow(
                Entry(session: session, events: events, lines: [LogEntry(log: .imaging, line: line)], command: command),
                afterwards: { [changes = self.changes] in changes.signal() })
        } catch {
            throw .store(error)
        }
        self.changes.signal()
    }

    /// One for each grid that it touches, in the order in which the grids are imaged.
    private func changes(for edit: QueueEdit, _ state: SessionState, by person: String) throws(EngineError) -> [QueueChanged] {
        guard edit.version == state.queue.version else { throw .queueChanged(version: state.queue.version) }
        if let twice = edit.namedTwice { throw .queueTarget(twice, "is named twice") }
        let named = Set(edit.named.map(\.grid))
        for id in edit.named where !state.grids.contains(where: { $0.grid.id == id.grid }) {
            throw .unknown("target", id: id.rawValue)
        }
        let queued = Set(state.queue.items.map(\.id))
        var changes: [QueueChanged] = []
        for grid in state.grids.map(\.grid.id) where named.contains(grid) {
            // Its queue is emptied when the exposure under way is over.
            if let summary = state.grids.first(where: { $0.grid.id == grid }), summary.status == .stopping {
                throw .grid(summary.grid, "is being aborted")
            }
            let report = try journal.grid(grid)
            var change = QueueChanged(grid: grid, version: state.queue.version + 1 + changes.count, by: person)
            for id in edit.added where id.grid == grid { change.added.append(try item(for: id, on: report, edit, state)) }
            for id in edit.moved where id.grid == grid && !queued.contains(id) && !edit.added.contains(id) {
                guard report.target(id) != nil else { throw .unknown("target", id: id.rawValue) }
                throw .queueChanged(version: state.queue.version)
            }
            change.remove(edit.remove.filter { $0.grid == grid }, on: report)
            change.skipped = edit.skip.filter { $0.grid == grid }
            change.unskipped = edit.unskip.filter { $0.grid == grid }
            changes.append(change)
        }
        // Said with the last of them, when all that it names is in the queue.
        if !changes.isEmpty { changes[changes.endIndex - 1].order = edit.wholeOrder(of: state.queue) }
        return changes
    }

    private func item(
        for id: TargetID, on grid: GridState, _ edit: QueueEdit, _ state: SessionState
    ) throws(EngineError) -> QueueItem {
        guard let target = grid.target(id) else { throw .unknown("target", id: id.rawValue) }
        // Skipped targets in the queue are taken up again by `unskip`; one that is being imaged is the run's.
        guard !state.queue.items.contains(where: { $0.id == id }), target.status.canMove(to: .queued),
            target.status != .acquiring,
            target.status != .unknown
        else {
            throw .queueTarget(id, "is \(target.status.rawValue) and cannot be queued")
        }
        if id.kind == .square { try checkSquare(target, on: grid, state) } else { try checkSquare(of: id, on: grid, edit, state) }
        if !edit.again.contains(id) { try checkDose(of: id, on: grid) }
        var item = Self.item(id, settings: state.session.settings, engine: parts.settings)
        if target.status.isCounted { item.again = true }
        return item
    }

    /// A square that is to be mapped gives its holes anew: one that is queued meanwhile would be another afterwards, or none.
    private func checkSquare(
        of hole: TargetID, on grid: GridState, _ edit: QueueEdit, _ state: SessionState
    ) throws(EngineError) {
        let square = hole.square
        let isToBeMapped = edit.added.contains(square) || state.queue.items.contains { $0.id == square }
        guard !isToBeMapped, grid.target(square)?.status != .acquiring else {
            throw .queueTarget(hole, "is in square \(square.number), which is to be mapped again first")
        }
    }

    /// A square that is mapped again gets its holes anew, which would leave the images of those that it has without a place.
    private func checkSquare(_ square: Target, on grid: GridState, _ state: SessionState) throws(EngineError) {
        let holes = grid.holes.filter { $0.id.square == square.id }
        if holes.contains(where: { grid.exposuresTaken(of: $0.id) > 0 }) {
            throw .queueTarget(square.id, "was mapped, and holes of it were exposed: queue its holes instead")
        }
        if let waiting = holes.first(where: { hole in
            hole.status == .acquiring || state.queue.items.contains { $0.id == hole.id }
        }) {
            throw .queueTarget(square.id, "was mapped, and hole \(waiting.id.number) of it is in the queue")
        }
    }

    /// Nothing gets a second dose before somebody has said so of just this hole.
    private func checkDose(of hole: TargetID, on grid: GridState) throws(EngineError) {
        let taken = grid.micrographs.filter { $0.id.hole == hole && $0.status != .notTaken }
        guard !taken.isEmpty else { return }
        throw .exposed(hole, exposures: taken.count, dose: taken.reduce(0) { $0 + $1.dose })
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

    /// Empties the queue at the end of a grid: what waited goes back to the found, or to the done where it has an image; what was skipped stays skipped.
    /// `report`: of that grid, nil where it cannot be read.
    static func dropping(_ queue: QueueState, of grid: GridID, _ report: GridState?) -> [RunEvent] {
        let items = queue.items(of: grid)
        guard !items.isEmpty else { return [] }
        var change = QueueChanged(grid: grid, version: queue.version + 1)
        change.drop(items, on: report)
        return [.queueChanged(change)]
    }
}

extension Prompt {
    /// Which grid comes next, by the queue and the plan as they are now.
    mutating func refresh(_ state: SessionState) {
        let next = GridOrder.left(of: state, failed: state.failedInThisRun).first { $0.grid.id != grid }
        (last, nextGrid) = (next == nil, next?.grid.id)
    }
}

extension SessionState {
    fileprivate var failedInThisRun: Set<GridID> {
        guard let begun = process.startedAt else { return [] }
        return Set(grids.filter { $0.status == .failed && ($0.endedAt.map { $0 >= begun } ?? false) }.map(\.grid.id))
    }
}

extension QueueChanged {
    /// Takes targets out of the queue that nobody images now.
    mutating func remove(_ ids: [TargetID], on grid: GridState?) {
        removed += ids
        let done = ids.filter { grid?.hasImage($0) == true }
        if !done.isEmpty { kept = (kept ?? []) + done }
    }

    /// The same for what waits of a grid that ends. A hole that was skipped and has an image is done.
    mutating func drop(_ items: [QueueItem], on grid: GridState?) {
        remove(items.filter { !$0.isSkipped || grid?.hasImage($0.id) == true }.map(\.id), on: grid)
        taken += items.map(\.id).filter { !removed.contains($0) }
    }
}

extension GridState {
    /// Whether a movie of this hole was saved.
    func hasImage(_ hole: TargetID) -> Bool {
        micrographs.contains { $0.id.hole == hole && [.saved, .processed, .unprocessable].contains($0.status) }
    }
}

extension TargetStatus {
    /// Whether it is among those that the grid counts as done.
    fileprivate var isCounted: Bool { self == .acquired || self == .processed || self == .completed }
}

/// What an operator asks of the queue: target ids, all or nothing.
public struct QueueEdit: Sendable, Hashable {
    public var version: Int
    public var add: [TargetID] = []
    /// Added as well: holes that were exposed, by somebody who knows it.
    public var again: [TargetID] = []
    public var remove: [TargetID] = []
    public var first: [TargetID] = []
    public var skip: [TargetID] = []
    public var unskip: [TargetID] = []
    public var order: [TargetID]?
    public init(version: Int) { self.version = version }

    var added: [TargetID] { add + again }
    /// What has to be in the queue, or to come into it by this same edit.
    var moved: [TargetID] { remove + first + skip + unskip + (order ?? []) }
    var named: [TargetID] { added + moved }

    /// A target that is to go two ways at once. One that is added may be skipped or put first.
    var namedTwice: TargetID? {
        let ways = [added + remove, remove + skip + unskip, remove + first, remove + (order ?? [])]
        for ids in ways {
            var seen: Set<TargetID> = []
            if let twice = ids.first(where: { !seen.insert($0).inserted }) { return twice }
        }
        return nil
    }

    /// `first` outranks `order`; nil where neither is asked for.
    func wholeOrder(of queue: QueueState) -> [TargetID]? {
        guard !first.isEmpty || order != nil else { return nil }
        let rest = order ?? (queue.items.map(\.id) + added)
        return first + rest.filter { !first.contains($0) }
    }

    var summary: String {
        let parts = [
            ("added", add.count), ("queued once more", again.count), ("removed", remove.count), ("put first", first.count),
            ("skipped", skip.count),
            ("took back the skip of", unskip.count),
        ]
        let said = parts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1) \($0.1 == 1 ? "target" : "targets")" }
        return said.isEmpty ? "put the queue in a new order" : said.joined(separator: ", ")
    }
}
