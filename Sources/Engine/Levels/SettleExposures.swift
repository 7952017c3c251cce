import Microscope
import RunModel
import Store

/// What a crash, a kill or a lost link left open is settled by asking, never by repeating.
struct SettleExposures {
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        let session = run.session
        for micrograph in try run.read({ store throws(StoreError) in try store.openExposures(of: session) }) {
            try run.checkpoint()
            try await settle(micrograph, run)
        }
        for micrograph in try run.read({ store throws(StoreError) in try store.unknownExposures(of: session) }) {
            try run.checkpoint()
            if try await !hasArrived(micrograph, run) { try await ask(about: micrograph, run) }
        }
    }

    /// A movie that was not whole or not to be found when it was looked for may be there since.
    private func hasArrived(_ micrograph: Micrograph, _ run: isolated RunContext) async throws(RunEnd) -> Bool {
        let request = DoseLedger.request(for: micrograph, of: try run.known().session, run.files)
        guard let (evidence, movie) = try await lookAgain(at: micrograph, request, run) else { return false }
        let outcome = DoseLedger.settle(micrograph, evidence: evidence, movie: movie)
        guard outcome.outcome == .saved else { return false }
        try run.withdrawQuestion(about: micrograph.id, because: "its movie is there")
        try run.record([.exposureSettled(outcome)], [LogLine(.info, "dose ledger", outcome.wording)])
        await run.pipeline.submit(micrograph.id)
        return true
    }

    /// Nil where nobody can look now. Only a movie that was seen is waited for, and that until a person says to go on: then the question stands.
    private func lookAgain(
        at micrograph: Micrograph, _ request: ExposureRequest, _ run: isolated RunContext
    ) async throws(RunEnd) -> (ExposureEvidence, MovieOnDisk?)? {
        do throws(RunEnd) {
            switch try await lookOnce(at: micrograph, request, run) {
            case .success(let found): return found
            case .failure(let problem):
                let question = Question(.exposureUnknown, grid: micrograph.id.grid, micrograph: micrograph.id)
                guard case .movieHeld = problem, !run.isAnswered(question) else { return nil }
                return try await look(at: micrograph, request, leavesHeldMovie: true, run)
            }
        } catch {
            guard case .microscope(let cause) = error, cause != .busy else { throw error }
            return nil
        }
    }

    /// Asks the microscope and the movie's file, and writes down what they say.
    func settle(_ micrograph: Micrograph, _ run: isolated RunContext) async throws(RunEnd) {
        let request = DoseLedger.request(for: micrograph, of: try run.known().session, run.files)
        let (evidence, movie) = try await look(at: micrograph, request, run)
        // While that was waited for, another folder has become the session's, and the question is open.
        guard try run.grid(micrograph.id.grid).micrograph(micrograph.id)?.status == .exposing else { return }
        let outcome = DoseLedger.settle(micrograph, evidence: evidence, movie: movie)
        var events: [RunEvent] = [.exposureSettled(outcome)]
        if outcome.outcome == .unknown {
            events.append(.targetChanged(TargetChanged(target: micrograph.id.hole, status: .unknown)))
        }
        try run.record(
            events,
            [LogLine(outcome.outcome == .unknown ? .warning : .info, "dose ledger", outcome.wording)]
                + evidence.remarks.map { LogLine(.warning, "dose ledger", $0) })
        if outcome.outcome == .saved { await run.pipeline.submit(micrograph.id) }
    }

    /// The same, asked of a person where neither can tell.
    func settleOrAsk(_ micrograph: Micrograph, _ run: isolated RunContext) async throws(RunEnd) -> MicrographStatus? {
        try await settle(micrograph, run)
        let status = try run.grid(micrograph.id.grid).micrograph(micrograph.id)?.status
        if status == .unknown { try await ask(about: micrograph, run) }
        return status
    }

    /// What the microscope and the disk know. While the disk says nothing, nobody has looked: the question waits, and is asked again whole.
    private func look(
        at micrograph: Micrograph, _ request: ExposureRequest, leavesHeldMovie: Bool = false, _ run: isolated RunContext
    ) async throws(RunEnd) -> (ExposureEvidence, MovieOnDisk?) {
        let grid = micrograph.id.grid
        var hasWaited = false
        while true {
            switch try await lookOnce(at: micrograph, request, run) {
            case .success(let found):
                if hasWaited { try run.endSilence(grid) }
                return found
            case .failure(let problem):
                hasWaited = true
                // A folder that somebody knows to be gone for good would block every grid: then a person tells what became of the exposure.
                guard try await run.waitOut(problem, grid) else { continue }
                switch problem {
                case .missing: return (.cannotTell, nil)
                case .movieHeld where leavesHeldMovie: return (.cannotTell, nil)
                default: break
                }
            }
        }
    }

    private func lookOnce(
        at micrograph: Micrograph, _ request: ExposureRequest, _ run: isolated RunContext
    ) async throws(RunEnd) -> Result<(ExposureEvidence, MovieOnDisk?), RunFileError> {
        let session = try run.known().session
        let evidence: ExposureEvidence
        // Another folder at the same path has neither the movie nor the mark of its exposure, which would say that nothing was taken.
        do throws(RunFileError) { try await run.lookAtFolder(of: session) } catch { return .failure(error) }
        do throws(RunEnd) { evidence = try await column.evidence(of: request) } catch {
            guard case .microscope(let cause) = error, let problem = RunFileError(lookingFor: cause) else { throw error }
            return .failure(problem)
        }
        do throws(RunFileError) {
            // After the answer: a movie that was finished elsewhere is brought into its place while the microscope is asked.
            let movie = try await run.files.movie(at: request.file, frames: evidence.frames ?? micrograph.frames)
            try await run.lookAtFolder(of: session)
            return .success((evidence, movie))
        } catch {
            return .failure(error)
        }
    }

    /// Nobody can tell: a second exposure is doubled dose, so a person decides.
    func ask(about micrograph: Micrograph, _ run: isolated RunContext) async throws(RunEnd) {
        let effect = try await run.ask(Question(.exposureUnknown, grid: micrograph.id.grid, micrograph: micrograph.id))
        guard case .settleExposure(let outcome) = effect else { return }
        try run.record([.exposureSettled(ExposureSettled(micrograph: micrograph.id, outcome: outcome))])
    }

    /// Targets that were begun and not finished go back to the front of the queue, with what is left of them.
    func requeueInterrupted(_ run: isolated RunContext) async throws(RunEnd) {
        // Nobody comes back to what was begun on a closed grid.
        for summary in try run.known().grids where !summary.status.isOpen {
            try run.record(GridClosing.release(try run.grid(summary.grid.id), try run.known()))
        }
        let state = try run.known()
        guard let grid = state.current else { return }
        if state.grids.contains(where: { $0.grid.id == grid && $0.status.isOpen }) {
            try run.record(DoseLedger.requeueInterrupted(on: try run.grid(grid), state, engine: run.settings))
        }
        // Holes that were finished by the end of a run may have had all their movies worked on before.
        let now = try run.grid(grid)
        let completions = now.holes.filter { $0.status == .acquired }.compactMap { DoseLedger.completion($0.id, now.micrographs) }
        if !completions.isEmpty { try run.record(completions) }
    }
}

extension DoseLedger {
    /// Nothing where no target of the grid was begun.
    static func requeueInterrupted(on grid: GridState, _ state: SessionState, engine: EngineSettings) -> [RunEvent] {
        let begun = (grid.squares + grid.holes).filter { $0.status == .acquiring || $0.status == .unknown }.map(\.id)
        return begun.isEmpty ? [] : requeue(begun, on: grid, state: state, engine: engine)
    }
}
