import Microscope
import RunModel
import Store
import TestSupport

/// What must hold whatever happened: each broken rule in a sentence.
struct ChaosInvariants {
    let world: SimulatedWorld
    let session: SessionID

    func broken() throws -> [String] {
        try exposures() + commanders() + holder()
    }

    /// No exposure twice, none lost: the column's ledger against the store's.
    private func exposures() throws -> [String] {
        var problems: [String] = []
        let taken = world.column().ledger.filter { $0.kind == .exposure && $0.preset == "R" }.compactMap(\.name)
        if Set(taken).count != taken.count { problems.append("one exposure name was taken twice: \(taken)") }
        let known = try micrographs()
        let events = try world.store.events(on: .session(session), after: 0, limit: 100_000).map { try $0.stored() }
        var begun: [String: Int] = [:]
        for case .exposureBegan(let news) in events.map(\.event) { begun[name(news.micrograph), default: 0] += 1 }
        for name in taken where begun[name] == nil { problems.append("\(name) was taken without an intent") }
        for micrograph in known where micrograph.status.isTaken && !taken.contains(name(micrograph)) {
            problems.append("\(micrograph.id) is \(micrograph.status) and was never taken")
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

    private func commanders() -> [String] {
        let counters = world.column().counters
        return counters.mostClientsAtOnce > 1 || counters.mostAtOnce > 1
            ? ["\(counters.mostAtOnce) commands of \(counters.mostClientsAtOnce) clients at once"] : []
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
