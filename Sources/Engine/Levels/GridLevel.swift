import Microscope
import Processing
import RunModel

/// One grid from the loader to its end: loaded, mapped, its queue worked through, its end asked about.
struct GridLevel {
    let grid: Grid
    let column: Column

    func carryOut(_ summary: GridSummary, _ run: isolated RunContext) async throws(RunEnd) {
        try run.takeUpFailures(on: grid.id)
        if !summary.status.isUnderWay {
            try run.record(
                [.gridStarted(GridNamed(grid: grid.id))], [LogLine(.info, "grid", "Grid \(grid.slot) \(grid.name) begins")])
        }
        guard let recipe = run.recipe(grid.recipe) else { throw .grid(.recipeGone(grid.recipe)) }
        try await LoadGrid(grid: grid, column: column).carryOut(run)
        if try run.known().grids.contains(where: { $0.grid.id == grid.id && $0.status == .loading }) {
            try run.record([.gridMoved(GridMoved(grid: grid.id, status: .running))])
        }
        try await ForgottenSquares(grid: grid, column: column).carryOut(run)
        let atlas = AtlasLevel(grid: grid, recipe: recipe, column: column)
        if summary.hasAtlas {
            try await MatchAtlas(grid: grid, column: column).carryOut(run)
            try await atlas.takeUp(afterFailure: summary.status == .failed, run)
        } else {
            try await atlas.carryOut(run)
        }
        if try run.known().plan == .atlasesFirst { return try setAside(run) }
        // Comes before anything else is exposed.
        guard try await run.askAboutFailuresLeft() else { return try complete(run) }
        try await workThroughQueue(recipe, run)
        try complete(run)
    }

    /// Until the atlases of the others are there, and somebody has said how to go on.
    private func setAside(_ run: isolated RunContext) throws(RunEnd) {
        // An abort, a stop: the last look may have taken seconds.
        try run.checkpoint()
        try run.record(
            [.gridMoved(GridMoved(grid: grid.id, status: .waiting))],
            [LogLine(.info, "grid", "The atlas of grid \(grid.slot) \(grid.name) is there; its targets wait")])
    }

    private func workThroughQueue(_ recipe: Recipe, _ run: isolated RunContext) async throws(RunEnd) {
        var tries: [TargetID: Int] = [:]
        while true {
            try run.checkpoint()
            // An answer that came before anybody asked: to proceed ends the grid, to continue is what happens anyway.
            if let early = run.takeAnswer(to: Question(.gridFinished, grid: grid.id)), endsGrid(early) { return }
            guard let item = try takeNext(run) else {
                guard try await asksToContinue(run) else { return }
                continue
            }
            guard try await acquire(item, recipe, &tries[item.id, default: 0], run) else { return }
        }
    }

    /// Every effect is named: a new one does not compile before somebody has said what it does here.
    private func endsGrid(_ effect: PromptEffect) -> Bool {
        switch effect {
        case .endGrid: true
        case .resume, .skipGrid, .acceptCassette, .settleExposure, .tryAgain, .followPlan, .nothing: false
        }
    }

    /// True to look at the queue again: more was added, or asked for. False ends the grid.
    private func asksToContinue(_ run: isolated RunContext) async throws(RunEnd) -> Bool {
        let state = try run.known()
        let isOpen = state.prompt?.kind == .gridFinished && state.prompt?.grid == grid.id
        guard isOpen || PauseRule.atGridEnd(pauseBetweenGrids: state.pauseBetweenGrids) == .ask else { return false }
        return !endsGrid(try await run.ask(Question(.gridFinished, grid: grid.id)))
    }

    private func takeNext(_ run: isolated RunContext) throws(RunEnd) -> QueueItem? {
        let state = try run.known()
        guard let item = NextStep.choose(state.queue, on: grid.id) else { return nil }
        var change = QueueChanged(grid: grid.id, version: state.queue.version)
        change.taken = [item.id]
        try run.record(
            [.queueChanged(change), .targetChanged(TargetChanged(target: item.id, status: .acquiring))],
            [LogLine(.info, "queue", "Next: \(item.id.wording)")])
        return item
    }

    /// False where the grid is to end. `tries`: see `RunContext.waitOut`.
    private func acquire(
        _ item: QueueItem, _ recipe: Recipe, _ tries: inout Int, _ run: isolated RunContext
    ) async throws(RunEnd) -> Bool {
        defer { run.tell(StepReading(step: .wait, grid: grid.id, begunAt: run.now())) }
        do throws(RunEnd) {
            if let problem = try await image(item.id, recipe, run) {
                return try await run.noteFailure(of: item.id, FailureReason(problem), problem)
            }
        } catch {
            guard case .microscope(let cause) = error, cause != .busy, cause != .valveClosed else { throw error }
            if try await run.waitForFolder(behind: cause, grid.id) { return try beginAgain(item.id, after: cause, run) }
            if let problem = RunFileError(lookingFor: cause) {
                try await run.waitOut(problem, tries: &tries, grid.id)
                return try beginAgain(item.id, after: cause, run)
            }
            // One target that cannot be had is that target's failure only.
            try run.record(
                [.targetChanged(TargetChanged(target: item.id, status: .failed, problem: cause.sentence))],
                [LogLine(.error, "target", "\(item.id.wording): \(cause.explanation)")])
            try await column.watchBeam(cause, of: grid)
            return try await run.noteFailure(of: item.id, FailureReason(cause), cause)
        }
        // A hole that somebody left without an image is no success, and no failure of the microscope either.
        if try run.grid(grid.id).target(item.id)?.status != .failed { run.alike.noteSuccess(of: item.id) }
        return true
    }

    private func beginAgain(_ id: TargetID, after cause: MicroscopeError, _ run: isolated RunContext) throws(RunEnd) -> Bool {
        try run.record(
            DoseLedger.requeueInterrupted(on: try run.grid(grid.id), try run.known(), engine: run.settings),
            [LogLine(.warning, "target", "\(id.wording) is begun again. \(cause.sentence)")])
        return true
    }

    /// A problem where nobody could look at what was taken.
    private func image(_ id: TargetID, _ recipe: Recipe, _ run: isolated RunContext) async throws(RunEnd) -> FinderProblem? {
        guard let target = try run.grid(grid.id).target(id) else { return nil }
        switch id.kind {
        case .square: return try await SquareLevel(square: target, grid: grid, recipe: recipe, column: column).carryOut(run)
        case .hole:
            try await FindSquareAgain(square: id.square, grid: grid, column: column).carryOut(run)
            guard let target = try run.grid(grid.id).target(id) else { return nil }
            try await HoleLevel(hole: target, grid: grid, recipe: recipe, column: column).carryOut(run)
            return nil
        }
    }

    private func complete(_ run: isolated RunContext) throws(RunEnd) {
        let report = try run.grid(grid.id)
        let ending = GridEnding(report)
        switch ending {
        case .failed(let failure): throw .grid(failure)
        case .complete(let problem):
            let words = "Grid \(grid.slot) \(grid.name) is complete"
            try run.record(
                TargetQueue.dropping(try run.known().queue, of: grid.id, report) + ending.events(for: grid.id),
                [problem.map { LogLine(.warning, "grid", "\(words). \($0)") } ?? LogLine(.info, "grid", words)])
        }
    }
}

extension Failure {
    static let recipeGoneCode = "recipe.unknown"

    /// Its file was renamed or removed since the session was made.
    fileprivate static func recipeGone(_ name: String) -> Failure {
        Failure(
            code: recipeGoneCode, sentence: "The recipe '\(name)' is gone.",
            remedy: "Choose another one for this grid, or put its file back.")
    }
}
