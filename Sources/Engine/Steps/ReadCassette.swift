import Microscope
import RunModel

// What the loader holds, and whether it is what this session knows.
extension RunSession {
    /// Reads the cassette before anything is done with a grid. The first reading of a session is believed; from then on a change by hand is
    /// asked about, never loaded blindly, and no matter whether a run lived when it happened.
    func readCassette(for grid: Grid, _ scope: Scope) async throws(RunEnd) {
        while true {
            let seen = try await cassetteSlots(scope)
            guard let cassette = try known().cassette else {
                let full = seen.count { $0.state != .empty }
                return try record(
                    [.cassetteRead(CassetteRead(slots: seen))],
                    [LogLine(.info, "loader", "The cassette holds \(full) cartridges")])
            }
            let changes = CassetteCheck.changes(from: cassette.slots, to: seen)
            guard !changes.isEmpty else { return try noteUnchanged(cassette, seen) }
            try await askAbout(ChangedCassette(changes: changes.map(\.sentence), slots: seen), grid)
            // It may have been changed again while it was asked about.
        }
    }

    func cassetteSlots(_ scope: Scope) async throws(RunEnd) -> [CassetteSlot] {
        let slots = try await scope.command { microscope throws(MicroscopeError) in try await microscope.slots() }
        return slots.map(CassetteSlot.init).sorted { $0.slot < $1.slot }
    }

    /// A name that was learned since is kept; a question from before has lost its cause.
    private func noteUnchanged(_ cassette: Cassette, _ seen: [CassetteSlot]) throws(RunEnd) {
        var events: [RunEvent] = []
        let knowledge = CassetteCheck.knowledge(cassette.slots, with: seen)
        if knowledge.map(\.name) != cassette.slots.map(\.name) { events.append(.cassetteRead(CassetteRead(slots: knowledge))) }
        if let prompt = try known().prompt, prompt.kind == .cassetteChanged {
            events.append(.promptWithdrawn(PromptWithdrawn(id: prompt.id, reason: "the cassette is as it was")))
        }
        if !events.isEmpty { try record(events) }
    }

    private func askAbout(_ change: ChangedCassette, _ grid: Grid) async throws(RunEnd) {
        try log(.warning, "loader", "The cassette has changed. \(change.changes.joined(separator: " "))")
        let answer = try await ask(Question(.cassetteChanged, grid: grid.id, cassette: change))
        let by = try known().lastAnswer?.by ?? "somebody"
        guard answer == .load else { throw .grid(Failure(LoaderProblem.skipped(slot: grid.slot, by: by))) }
        try record([.cassetteRead(CassetteRead(slots: change.slots, by: by))])
    }

    /// The right slot's cartridge is on the stage, and it is the one that was read there.
    func verifyLoaded(_ grid: Grid, _ scope: Scope) async throws(RunEnd) {
        let loaded = try await scope.command { microscope throws(MicroscopeError) in try await microscope.loadedSlot() }
        guard let loaded else { throw .microscope(.loaderJam(slot: grid.slot)) }
        guard loaded == grid.slot else { throw .grid(Failure(LoaderProblem.otherSlot(asked: grid.slot, found: loaded))) }
        let expected = try known().cassette?.slots.first { $0.slot == grid.slot }?.name
        let found = try await cassetteSlots(scope).first { $0.slot == grid.slot }?.name
        if let expected, let found, expected != found {
            throw .grid(Failure(LoaderProblem.otherName(slot: grid.slot, expected: expected, found: found)))
        }
        try log(.info, "loader", "The cartridge of slot \(grid.slot)\(found.map { ", \($0)," } ?? "") is on the stage")
    }
}

extension CassetteSlot {
    init(_ report: SlotReport) {
        let state: State =
            switch report.state {
            case .empty: .empty
            case .occupied: .occupied
            case .onStage: .onStage
            }
        self.init(slot: report.slot, state: state, name: report.name)
    }
}
