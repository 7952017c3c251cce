import Microscope
import RunModel
import Store

/// What must hold whatever happened: each broken rule in a sentence.
public struct ChaosInvariants {
    let world: SimulatedWorld
    let session: SessionID

    public init(world: SimulatedWorld, session: SessionID) { (self.world, self.session) = (world, session) }

    public func broken() throws -> [String] {
        let told = try told()
        return try broken(told, told.map { try $0.stored() })
    }

    /// Everything that was told of the session.
    func told() throws -> [TopicEvent] { try world.store.events(on: .session(session), after: 0, limit: 100_000) }

    func broken(_ told: [TopicEvent], _ events: [StoredEvent]) throws -> [String] {
        try exposures(events) + cartridges() + commanders() + holder() + epochs(events) + chains(told) + folds(events)
            + ends(events)
    }

    /// Once the session is complete and its movies are worked on: nothing that waited is left between two stools.
    func brokenAtTheEnd(_ events: [StoredEvent]) throws -> [String] {
        guard let state = try world.store.state(of: session)?.state else { return ["the session is gone"] }
        var problems: [String] = []
        for grid in state.grids where grid.status == .completed {
            for target in try world.store.targets(of: grid.grid.id) ?? [] {
                let rest: Set<TargetStatus> =
                    target.id.kind == .square ? [.found, .acquired, .failed, .skipped] : [.found, .completed, .failed, .skipped]
                if !rest.contains(target.status) { problems.append("\(target.id) stays \(target.status) on a completed grid") }
            }
        }
        for micrograph in try micrographs() where [.exposing, .unknown, .saved].contains(micrograph.status) {
            problems.append("\(micrograph.id) stays \(micrograph.status)")
        }
        if !state.queue.items.isEmpty { problems.append("the queue still has \(state.queue.items.count) targets") }
        return try problems + counts(state) + doseLedger(state, events) + missing(state, events)
    }

    var hasUnprocessedMovies: Bool { get throws { try micrographs().contains { $0.status == .saved } } }

    /// What the pages count is what there is.
    private func counts(_ state: SessionState) throws -> [String] {
        var problems: [String] = []
        for grid in state.grids {
            let targets = try world.store.targets(of: grid.grid.id) ?? []
            let done = targets.filter { $0.status == .acquired || $0.status == .completed }
            let images = try world.store.micrographs(of: grid.grid.id)?.count { $0.status.isTaken } ?? 0
            let (squares, holes) = (done.count { $0.id.kind == .square }, done.count { $0.id.kind == .hole })
            if (grid.images, grid.squaresDone, grid.holesDone) != (images, squares, holes) {
                problems.append(
                    "grid \(grid.grid.slot) counts \(grid.images) images, \(grid.squaresDone) squares, \(grid.holesDone) holes, "
                        + "and has \(images), \(squares), \(holes)")
            }
        }
        return problems
    }

    /// The dose ledger's own rows, which refuse a second exposure, against the log: nothing open, nothing that nobody can tell, and as many as were begun
    /// and not found untaken.
    private func doseLedger(_ state: SessionState, _ events: [StoredEvent]) throws -> [String] {
        var problems: [String] = []
        let open = try world.store.openExposures(of: session) + world.store.unknownExposures(of: session)
        if !open.isEmpty { problems.append("the dose ledger has no outcome of \(open.map(\.id))") }
        let attempts = Self.attempts(events)
        for grid in state.grids {
            let begun = attempts.count { $0.micrograph.id.grid == grid.grid.id && $0.outcome != .notTaken }
            let rows = try world.store.exposureCount(of: grid.grid.id)
            if rows != begun {
                problems.append("the dose ledger has \(rows) exposures of grid \(grid.grid.slot), the log \(begun)")
            }
        }
        return problems
    }

    /// A hole that is complete has every exposure that it was to have.
    private func missing(_ state: SessionState, _ events: [StoredEvent]) throws -> [String] {
        let wanted = Wanted(state.session.settings, events)
        let had = Dictionary(grouping: try micrographs().filter { $0.status != .notTaken }, by: \.id.hole).mapValues(\.count)
        var problems: [String] = []
        for grid in state.grids {
            for hole in try world.store.targets(of: grid.grid.id) ?? [] where hole.id.kind == .hole && hole.status == .completed {
                if had[hole.id] != wanted[hole.id], !wanted.given.contains(hole.id) {
                    problems.append("\(hole.id) is complete with \(had[hole.id] ?? 0) of \(wanted[hole.id]) exposures")
                }
            }
        }
        return problems
    }

    /// A lock's number only rises, and a run begins with the one that was taken last.
    private func epochs(_ events: [StoredEvent]) -> [String] {
        var newest = 0
        var problems: [String] = []
        for event in events {
            switch event.event {
            case .lockTaken(let news):
                if news.holder.epoch <= newest { problems.append("lock number \(news.holder.epoch) came after \(newest)") }
                newest = news.holder.epoch
            case .runStarted(let news):
                if news.epoch != newest { problems.append("a run began with lock number \(news.epoch), the last was \(newest)") }
            default: break
            }
        }
        return problems
    }

    /// Every event has the number of the one before it on its topic, and none is missing.
    private func chains(_ told: [TopicEvent]) throws -> [String] {
        var problems: [String] = []
        let isAlone = try world.store.sessions().count == 1
        if isAlone, told.map(\.seq) != told.indices.map({ Int64($0 + 1) }) {
            problems.append("the numbers of the events have gaps")
        }
        let grids = try world.store.state(of: session)?.state.grids.map { Topic.grid($0.grid.id) } ?? []
        for topic in [.session(session), .facility] + grids {
            var previous: Int64 = 0
            for event in try world.store.events(on: topic, after: 0, limit: 100_000) {
                if event.previous != previous {
                    problems.append("event \(event.seq) on \(topic.text) follows \(event.previous), not \(previous)")
                }
                previous = event.seq
            }
        }
        return problems
    }

    /// The log alone makes the states that the store keeps.
    private func folds(_ events: [StoredEvent]) throws -> [String] {
        guard case .sessionCreated(let created)? = events.first?.event else { return ["the log does not begin with the session"] }
        var state = SessionState(created)
        var grids = created.grids.map { GridState($0, of: created) }
        for event in events {
            if case .gridAdded(let news) = event.event { grids.append(GridState(news.grid, of: created)) }
            state.apply(event)
            for index in grids.indices where event.event.grid == grids[index].grid.id { grids[index].apply(event) }
        }
        var problems: [String] = []
        if try world.store.state(of: session)?.state != state { problems.append("the log folds to another state of the session") }
        for grid in grids where try world.store.state(of: grid.grid.id)?.state != grid {
            problems.append("the log folds to another state of grid \(grid.grid.slot)")
        }
        return problems
    }

    /// After a run's end nothing happens at the column until the next one has begun, and a run begins only after the end of the last.
    private func ends(_ events: [StoredEvent]) -> [String] {
        var isUnderWay = false
        var problems: [String] = []
        for event in events {
            switch event.event {
            case .runStarted:
                if isUnderWay { problems.append("event \(event.seq) begins a run before the end of another") }
                isUnderWay = true
            case .runStopped, .runCompleted, .runFailed, .runInterrupted, .runKilled: isUnderWay = false
            case .runMoved, .gridStarted, .exposureBegan, .exposureSaved, .atlasAcquired, .stopReceived:
                if !isUnderWay { problems.append("event \(event.seq), \(event.event.type), without a run") }
            default: break
            }
        }
        return problems
    }

    /// No exposure twice, none lost: the column's ledger against the store's.
    private func exposures(_ events: [StoredEvent]) throws -> [String] {
        var problems: [String] = []
        let taken = world.column().ledger.filter { $0.kind == .exposure && $0.preset == "R" }.compactMap(\.name)
        if Set(taken).count != taken.count { problems.append("one exposure name was taken twice: \(taken)") }
        let known = try micrographs()
        let attempts = Self.attempts(events)
        let begun = Set(attempts.map(\.name))
        for name in taken where !begun.contains(name) { problems.append("\(name) was taken without an intent") }
        for micrograph in known where micrograph.status.isTaken && !taken.contains(Self.name(micrograph)) {
            problems.append("\(micrograph.id) is \(micrograph.status) and was never taken")
        }
        for attempt in attempts where attempt.outcome == .notTaken && taken.contains(attempt.name) {
            problems.append("\(attempt.name) was taken, and counts as not taken")
        }
        for attempt in attempts where [.left, .again].contains(attempt.outcome) && !attempt.wasAskedAbout {
            problems.append("\(attempt.name) is \(attempt.outcome?.rawValue ?? ""), and nobody was asked")
        }
        if let settings = try world.store.state(of: session)?.state.session.settings {
            let wanted = Wanted(settings, events)
            for (hole, all) in Dictionary(grouping: known, by: \.id.hole) where all.count > wanted[hole] {
                problems.append("\(hole) has \(all.count) exposures, \(wanted[hole]) were asked for")
            }
        }
        for micrograph in known {
            let attempts = taken.count { Self.base($0) == Self.base(Self.name(micrograph)) }
            let allowed =
                1
                + events.count { event in
                    if case .exposureSettled(let news) = event.event {
                        news.micrograph == micrograph.id && news.outcome == .again
                    } else {
                        false
                    }
                }
            if attempts > allowed { problems.append("\(micrograph.id) was exposed \(attempts) times, \(allowed) were asked for") }
        }
        return problems
    }

    /// What is exposed is the cartridge that the exposure names.
    private func cartridges() -> [String] {
        world.column().ledger.filter { $0.kind == .exposure && $0.frames != nil }.compactMap { entry in
            let slot = entry.name?.split(separator: "-").dropFirst().first.flatMap { Int($0) }
            return slot == entry.grid ? nil : "\(entry.name ?? "") was exposed on the cartridge of slot \(entry.grid ?? 0)"
        }
    }

    private func commanders() -> [String] {
        let counters = world.column().counters
        var problems: [String] = []
        if counters.mostClientsAtOnce > 1 || counters.mostAtOnce > 1 {
            problems.append("\(counters.mostAtOnce) commands of \(counters.mostClientsAtOnce) clients at once")
        }
        var newest = 0
        for entry in world.column().ledger {
            if entry.kind == .connect { newest = entry.client }
            if entry.kind == .command, entry.client != newest {
                problems.append("client \(entry.client) commanded \(entry.name ?? "") after client \(newest) had connected")
            }
        }
        return problems
    }

    /// With nothing running: no lock file, no holder, no status that needs one.
    func holder() throws -> [String] {
        guard let state = try world.store.state(of: session)?.state, !state.status.needsHolder else { return [] }
        var problems: [String] = []
        if world.lockFile() != nil { problems.append("\(state.status) with a lock file") }
        if try world.store.holder(of: "scope-1") != nil { problems.append("\(state.status) with a holder in the store") }
        if state.grids.contains(where: { $0.status.isUnderWay }) { problems.append("\(state.status) with a grid under way") }
        return problems
    }

    func micrographs() throws -> [Micrograph] {
        guard let state = try world.store.state(of: session)?.state else { return [] }
        return try state.grids.flatMap { try world.store.micrographs(of: $0.grid.id) ?? [] }
    }

    /// As the column's ledger has it.
    static func name(_ micrograph: Micrograph) -> String {
        let file = micrograph.movie.split(separator: "/").last.map(String.init) ?? ""
        return "\(micrograph.id.session)-\(micrograph.id.grid.slot)-\(file.dropLast(4))"
    }
    /// Without the number of the attempt.
    static func base(_ name: String) -> String { name.split(separator: "-").prefix(3).joined(separator: "-") }
}

/// How many exposures people asked for: the session's number in each hole, and what somebody queued of one that had been exposed.
private struct Wanted {
    private let each: Int
    /// What each hole was first queued with, where the session's number was changed.
    private var first: [TargetID: Int] = [:]
    private var more: [TargetID: Int] = [:]
    /// Holes that left the queue, or whose grid was aborted, with an image before they had all that was asked for.
    private(set) var given: Set<TargetID> = []

    init(_ settings: GridSettings, _ events: [StoredEvent]) {
        each = settings.exposuresPerHole
        let isChanged = events.contains { if case .settingsChanged = $0.event { true } else { false } }
        var ended: [TargetID: Timestamp] = [:]
        var closing: Set<GridID> = []
        for event in events {
            switch event.event {
            case .gridStarted(let news): closing.remove(news.grid)
            case .gridMoved(let news) where news.status == .aborted || news.status == .stopping:
                closing.insert(news.grid)
                given.formUnion(ended.filter { $0.key.grid == news.grid && $0.value == event.at }.keys)
            case .targetChanged(let news) where news.status == .acquired:
                ended[news.target] = event.at
                if closing.contains(news.target.grid) { given.insert(news.target) }
            default: break
            }
            guard case .queueChanged(let change) = event.event else { continue }
            for item in change.added where isChanged && first[item.id] == nil { first[item.id] = item.exposures }
            given.formUnion(change.kept ?? [])
            guard change.by != nil else { continue }
            for item in change.added where item.again == true { more[item.id, default: 0] += item.exposures }
        }
    }

    subscript(hole: TargetID) -> Int { first[hole, default: each] + more[hole, default: 0] }
}

extension ChaosInvariants {
    /// One intent, and what became of it.
    struct Attempt {
        let name: String
        let micrograph: Micrograph
        /// Nil while it is open; `saved` too where the microscope itself said so.
        var outcome: ExposureSettled.Outcome?
        /// Whether a person was asked what became of it.
        var wasAskedAbout = false
    }

    static func attempts(_ events: [StoredEvent]) -> [Attempt] {
        var attempts: [Attempt] = []
        func change(_ micrograph: MicrographID, _ body: (inout Attempt) -> Void) {
            if let index = attempts.lastIndex(where: { $0.micrograph.id == micrograph }) { body(&attempts[index]) }
        }
        for event in events {
            switch event.event {
            case .exposureBegan(let news): attempts.append(Attempt(name: name(news.micrograph), micrograph: news.micrograph))
            case .exposureSaved(let news): change(news.micrograph) { $0.outcome = .saved }
            case .exposureSettled(let news): change(news.micrograph) { $0.outcome = news.outcome }
            case .promptRaised(let prompt) where prompt.kind == .exposureUnknown:
                if let micrograph = prompt.micrograph { change(micrograph) { $0.wasAskedAbout = true } }
            default: break
            }
        }
        return attempts
    }
}

extension MicrographStatus {
    var isTaken: Bool { self == .saved || self == .processed || self == .unprocessable }
}
