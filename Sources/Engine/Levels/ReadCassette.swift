import Microscope
import RunModel

/// What the loader holds, and whether it is what this session knows: read before anything is done with a grid.
///
/// The first reading of a session is believed; from then on a change by hand is asked about, never loaded blindly, and no matter whether a
/// run lived when it happened.
struct ReadCassette {
    let grid: Grid
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        while true {
            let reports = try await column.slotReports()
            if reports.contains(where: { $0.slot == grid.slot && $0.state == .unclear }) {
                try await AskAboutStage(grid: grid, column: column).carryOut(run)
                continue
            }
            let seen = reports.map(CassetteSlot.init)
            guard let cassette = try run.known().cassette else {
                let full = seen.count { $0.state != .empty }
                return try run.record(
                    [.cassetteRead(CassetteRead(slots: seen))],
                    [LogLine(.info, "loader", "The cassette holds \(full) cartridges")])
            }
            let changes = CassetteCheck.changes(from: cassette.slots, to: seen)
            guard !changes.isEmpty else { return try noteUnchanged(cassette, seen, run) }
            try await ask(about: ChangedCassette(changes: changes.map(\.sentence), slots: seen), run)
            // It may have been changed again while it was asked about.
        }
    }

    /// A name that was learned since is kept; a question from before has lost its cause.
    private func noteUnchanged(_ cassette: Cassette, _ seen: [CassetteSlot], _ run: isolated RunContext) throws(RunEnd) {
        var events: [RunEvent] = []
        let knowledge = CassetteCheck.knowledge(cassette.slots, with: seen)
        if knowledge.map(\.name) != cassette.slots.map(\.name) { events.append(.cassetteRead(CassetteRead(slots: knowledge))) }
        if let prompt = try run.known().prompt, prompt.kind == .cassetteChanged {
            events.append(.promptWithdrawn(PromptWithdrawn(id: prompt.id, reason: "the cassette is as it was")))
        }
        if !events.isEmpty { try run.record(events) }
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
            case .empty, .unclear: .empty
            case .occupied: .occupied
            case .onStage: .onStage
            }
        self.init(slot: report.slot, state: state, name: report.name)
    }
}
