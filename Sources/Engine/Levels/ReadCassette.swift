import Microscope
import RunModel

/// What the loader holds, and whether it is what this session knows: read before anything is done with a grid.
///
/// The first reading of a session is believed; from then on a change by hand is asked about, never loaded blindly, and no matter whether a
/// run lived when it happened. What is only remembered of the stage is believed from the second reading on, and not beside a change.
struct ReadCassette {
    let grid: Grid
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        // Asked again after each answer: the cassette may have been changed meanwhile.
        while try await !isSettled(run) {}
        try run.withdraw(.stageUnclear, because: "the stage is known")
        try run.withdraw(.cassetteChanged, because: "the cassette is as it was")
    }

    /// False where somebody was asked.
    private func isSettled(_ run: isolated RunContext) async throws(RunEnd) -> Bool {
        let reports = try await column.slotReports()
        let cassette = try run.known().cassette
        let wanted = reports.first { $0.slot == grid.slot }?.state
        if wanted == .unclear || wanted == .remembered && cassette == nil {
            try await AskAboutStage(grid: grid, column: column).carryOut(run)
            return false
        }
        let seen = reports.map(CassetteSlot.init)
        guard let cassette else {
            try noteFirst(seen, run)
            return true
        }
        let changes = CassetteCheck.changes(from: cassette.slots, to: seen)
        if changes.isEmpty {
            try note(CassetteCheck.knowledge(cassette.slots, with: seen), insteadOf: cassette.slots, run)
            return true
        }
        if reports.contains(where: { $0.state == .remembered }) {
            // Whoever was at the loader may have changed what is on the stage as well.
            try await column.noteLoaded(slot: nil)
        } else {
            try await ask(about: ChangedCassette(changes: changes.map(\.sentence), slots: seen), run)
        }
        return false
    }

    private func noteFirst(_ seen: [CassetteSlot], _ run: isolated RunContext) throws(RunEnd) {
        let full = seen.count { $0.state != .empty && $0.state != .unclear }
        try run.record(
            [.cassetteRead(CassetteRead(slots: seen))],
            [LogLine(.info, "loader", "The cassette holds \(full) cartridges")])
    }

    /// Names that were learned since, and slots that have become clear. What a load moves is not worth a record.
    private func note(
        _ knowledge: [CassetteSlot], insteadOf known: [CassetteSlot], _ run: isolated RunContext
    ) throws(RunEnd) {
        func unclear(_ slots: [CassetteSlot]) -> [Int] { slots.filter { $0.state == .unclear }.map(\.slot) }
        guard knowledge.map(\.name) != known.map(\.name) || unclear(knowledge) != unclear(known) else { return }
        try run.record([.cassetteRead(CassetteRead(slots: knowledge))])
    }

    private func ask(about change: ChangedCassette, _ run: isolated RunContext) async throws(RunEnd) {
        try run.log(.warning, "loader", "The cassette has changed. \(change.changes.joined(separator: " "))")
        let effect = try await run.ask(Question(.cassetteChanged, grid: grid.id, cassette: change))
        let by = try run.known().lastAnswer?.by ?? "somebody"
        switch effect {
        case .acceptCassette: try run.record([.cassetteRead(CassetteRead(slots: change.slots, by: by))])
        case .skipGrid, .resume, .endGrid, .settleExposure, .tryAgain, .nothing:
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
            case .unclear: .unclear
            }
        self.init(slot: report.slot, state: state, name: report.name)
    }
}
