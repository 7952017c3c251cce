import Microscope
import RunModel

/// What the loader holds, and whether it is what this session knows: read before anything is done with a grid.
///
/// The first reading of a session is believed; from then on a change by hand is asked about, never loaded blindly, and no matter whether a
/// run lived when it happened. What is only remembered of the stage is believed where this session loaded it.
struct ReadCassette {
    let grid: Grid
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        // Looked at again after each answer: the cassette may have been changed meanwhile.
        while try await !look(run) {}
        if let by = try run.takeSkip(of: grid.id) { throw .grid(Failure(LoaderProblem.skipped(slot: grid.slot, by: by))) }
        try run.withdraw(.stageUnclear, because: "the stage is known")
        try run.withdraw(.cassetteChanged, because: "the cassette is as it was")
    }

    /// True once what the loader tells agrees with what this session knows; false after something was done about it.
    private func look(_ run: isolated RunContext) async throws(RunEnd) -> Bool {
        let reports = try await column.slotReports()
        let state = try run.known()
        let wanted = reports.first { $0.slot == grid.slot }?.state
        if wanted == .unclear || wanted == .hinted {
            try await AskAboutStage(grid: grid, column: column).carryOut(run)
            return false
        }
        let seen = reports.map(CassetteSlot.init)
        let changes = state.cassette.map { CassetteCheck.changes(from: $0.slots, to: seen) } ?? []
        // Whoever changed the cassette may have changed what is on the stage as well.
        if reports.contains(where: { $0.state == .hinted }) || !changes.isEmpty && wanted == .remembered {
            try await column.forgetLoaded()
            return false
        }
        let knowledge = CassetteCheck.knowledge(state.cassette?.slots ?? [], with: seen, accepting: changes)
        guard !changes.isEmpty else {
            try note(knowledge, insteadOf: state.cassette?.slots, run)
            return true
        }
        try await ask(about: ChangedCassette(changes: changes.map(\.sentence), slots: knowledge), run)
        return false
    }

    /// Names that were learned since, and slots that have become clear. What a load moves is not worth a record.
    private func note(
        _ knowledge: [CassetteSlot], insteadOf known: [CassetteSlot]?, _ run: isolated RunContext
    ) throws(RunEnd) {
        func unclear(_ slots: [CassetteSlot]) -> [Int] { slots.filter { $0.state == .unclear }.map(\.slot) }
        if let known, knowledge.map(\.name) == known.map(\.name), unclear(knowledge) == unclear(known) { return }
        let full = knowledge.count { $0.state != .empty && $0.state != .unclear }
        let first = LogLine(.info, "loader", "The cassette holds \(full) cartridges")
        try run.record([.cassetteRead(CassetteRead(slots: knowledge))], known == nil ? [first] : [])
    }

    private func ask(about change: ChangedCassette, _ run: isolated RunContext) async throws(RunEnd) {
        try run.log(.warning, "loader", "The cassette has changed. \(change.changes.joined(separator: " "))")
        let effect = try await run.ask(Question(.cassetteChanged, grid: grid.id, cassette: change))
        let by = try run.known().lastAnswer?.by ?? "somebody"
        switch effect {
        case .acceptCassette:
            try run.record([.cassetteRead(CassetteRead(slots: change.slots, by: by))])
            try run.forgetPlace(of: grid.id)
        case .skipGrid, .resume, .endGrid, .settleExposure, .tryAgain, .followPlan, .nothing:
            throw .grid(Failure(LoaderProblem.skipped(slot: grid.slot, by: by)))
        }
    }
}

extension CassetteSlot {
    init(_ report: SlotReport) {
        let state: State =
            switch report.state {
            case .empty: .empty
            case .occupied: .occupied
            case .onStage, .remembered: .onStage
            case .hinted, .untold, .unclear: .unclear
            }
        self.init(slot: report.slot, state: state, name: report.name)
    }
}
