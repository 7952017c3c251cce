import Microscope
import RunModel
import Store

// What a crash, a kill or a lost link left open is settled by asking, never by repeating.
extension RunSession {
    func settleExposures(_ scope: Scope) async throws(RunEnd) {
        for micrograph in try read({ store throws(StoreError) in try store.openExposures(of: id) }) {
            try checkpoint()
            try await settle(micrograph, scope)
        }
        for micrograph in try read({ store throws(StoreError) in try store.unknownExposures(of: id) }) {
            try checkpoint()
            try await askAbout(micrograph)
        }
    }

    /// Asks the microscope and the movie's file, and writes down what they say.
    func settle(_ micrograph: Micrograph, _ scope: Scope) async throws(RunEnd) {
        let request = DoseLedger.request(for: micrograph, of: try known().session, parts.files)
        let evidence = try await scope.command { microscope throws(MicroscopeError) in
            try await microscope.evidence(of: request)
        }
        // After the answer: a movie that was finished elsewhere is brought into its place while the microscope is asked.
        let movie = await parts.files.movie(at: request.file, frames: evidence.frames ?? micrograph.frames)
        let outcome = DoseLedger.settle(micrograph, evidence: evidence, movie: movie)
        var events: [RunEvent] = [.exposureSettled(outcome)]
        if outcome.outcome == .unknown {
            events.append(.targetChanged(TargetChanged(target: micrograph.id.hole, status: .unknown)))
        }
        try record(
            events, [LogLine(outcome.outcome == .unknown ? .warning : .info, "dose ledger", outcome.wording)])
        if outcome.outcome == .saved { await pipeline.submit(micrograph.id) }
    }

    func askAbout(_ micrograph: Micrograph) async throws(RunEnd) {
        let answer = try await ask(
            Question(.exposureUnknown, grid: micrograph.id.grid, micrograph: micrograph.id))
        let outcome: ExposureSettled.Outcome = answer == .again ? .again : .left
        try record([.exposureSettled(ExposureSettled(micrograph: micrograph.id, outcome: outcome))])
    }

    /// Targets that were begun and not finished go back to the front of the queue, with what is left of them.
    func requeueInterrupted() async throws(RunEnd) {
        let state = try known()
        guard let grid = state.current else { return }
        if state.grids.contains(where: { $0.grid.id == grid && $0.status != .completed }) {
            try record(try interruptedTargets(on: grid, state))
        }
        // Holes that were finished by the end of a run may have had all their movies worked on before.
        for hole in try self.grid(grid).holes where hole.status == .acquired { await pipeline.noteFinished(hole.id) }
    }

    func interruptedTargets(on grid: GridID, _ state: SessionState) throws(RunEnd) -> [RunEvent] {
        let report = try self.grid(grid)
        let begun = (report.squares + report.holes).filter { $0.status == .acquiring || $0.status == .unknown }.map(\.id)
        guard !begun.isEmpty else { return [] }
        return DoseLedger.requeue(begun, micrographs: report.micrographs, state: state, engine: parts.settings)
    }
}
