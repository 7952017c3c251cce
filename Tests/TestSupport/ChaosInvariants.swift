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

    /// What is cheap to ask, and may be mended again by the time of the end.
    func brokenNow() throws -> [String] { try commanders() + holder() }

    /// Once the session is complete and its movies are worked on: nothing that waited is left between two stools.
    func brokenAtTheEnd() throws -> [String] {
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
        return problems
    }

    /// A lock's number only rises, and who writes under it was the last to take it.
    private func epochs(_ events: [StoredEvent]) -> [String] {
        var newest = 0
        var problems: [String] = []
        for event in events {
            guard case .lockTaken(let news) = event.event else { continue }
            if news.holder.epoch <= newest { problems.append("lock number \(news.holder.epoch) came after \(newest)") }
            newest = news.holder.epoch
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
        var begun: [String: Int] = [:]
        for case .exposureBegan(let news) in events.map(\.event) { begun[name(news.micrograph), default: 0] += 1 }
        for name in taken where begun[name] == nil { problems.append("\(name) was taken without an intent") }
        for micrograph in known where micrograph.status.isTaken && !taken.contains(name(micrograph)) {
            problems.append("\(micrograph.id) is \(micrograph.status) and was never taken")
        }
        let wanted = try world.store.state(of: session)?.state.session.settings.exposuresPerHole ?? 0
        for (hole, all) in Dictionary(grouping: known, by: \.id.hole) where all.count > wanted {
            problems.append("\(hole) has \(all.count) exposures, \(wanted) were asked for")
        }
        for micrograph in known {
            let attempts = taken.count { base($0) == base(name(micrograph)) }
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
    private func holder() throws -> [String] {
        guard let state = try world.store.state(of: session)?.state, !state.status.needsHolder else { return [] }
        var problems: [String] = []
        if world.lockFile() != nil { problems.append("\(state.status) with a lock file") }
        if try world.store.holder(of: "scope-1") != nil { problems.append("\(state.status) with a holder in the store") }
        if state.grids.contains(where: { $0.status.isUnderWay }) { problems.append("\(state.status) with a grid under way") }
        return problems
    }

    private func micrographs() throws -> [Micrograph] {
        guard let state = try world.store.state(of: session)?.state else { return [] }
        return try state.grids.flatMap { try world.store.micrographs(of: $0.grid.id) ?? [] }
    }

    /// As the column's ledger has it.
    private func name(_ micrograph: Micrograph) -> String {
        let file = micrograph.movie.split(separator: "/").last.map(String.init) ?? ""
        return "\(micrograph.id.session)-\(micrograph.id.grid.slot)-\(file.dropLast(4))"
    }
    /// Without the number of the attempt.
    private func base(_ name: String) -> String { name.split(separator: "-").prefix(3).joined(separator: "-") }
}

extension MicrographStatus {
    fileprivate var isTaken: Bool { self == .saved || self == .processed || self == .unprocessable }
}
