import RunModel

extension RunSession {
    /// One grid from the loader to its end: loaded, mapped, its queue worked through, its end asked about.
    func image(_ summary: GridSummary, _ scope: Scope) async throws(RunEnd) {
        let grid = summary.grid
        guard let recipe = parts.recipes[grid.recipe] else {
            throw .grid(
                Failure(code: "recipe.unknown", sentence: "The recipe '\(grid.recipe)' is gone.", remedy: "Put its file back."))
        }
        if !summary.status.isUnderWay {
            try record(
                [.gridStarted(GridNamed(grid: grid.id))], [LogLine(.info, "grid", "Grid \(grid.slot) \(grid.name) begins")])
        }
        try await load(grid, scope)
        if try known().grids.contains(where: { $0.grid.id == grid.id && $0.status == .loading }) {
            try record([.gridMoved(GridMoved(grid: grid.id, status: .running))])
        }
        if !summary.hasAtlas {
            try await acquireAtlas(of: grid, scope)
        } else {
            try await takeUpMap(of: grid, afterFailure: summary.status == .failed)
        }
        try await workThroughQueue(of: grid, recipe, scope)
        try complete(grid)
    }

    private func workThroughQueue(of grid: Grid, _ recipe: Recipe, _ scope: Scope) async throws(RunEnd) {
        while true {
            try checkpoint()
            // An answer that came before anybody asked: to proceed ends the grid, to continue is what happens anyway.
            if takeDecision(Question(.gridFinished, grid: grid.id)) == .next { return }
            guard let item = try takeNext(on: grid) else {
                guard try await asksToContinue(grid) else { return }
                continue
            }
            try await acquire(item, of: grid, recipe, scope)
        }
    }

    /// True to look at the queue again: more was added, or asked for. False ends the grid.
    private func asksToContinue(_ grid: Grid) async throws(RunEnd) -> Bool {
        let state = try known()
        let isOpen = state.prompt?.kind == .gridFinished && state.prompt?.grid == grid.id
        guard isOpen || PauseRule.atGridEnd(pauseBetweenGrids: state.pauseBetweenGrids) == .ask else { return false }
        return try await ask(Question(.gridFinished, grid: grid.id)) == .continue
    }

    private func takeNext(on grid: Grid) throws(RunEnd) -> QueueItem? {
        let state = try known()
        guard let item = NextStep.choose(state.queue) else { return nil }
        var change = QueueChanged(grid: grid.id, version: state.queue.version)
        change.taken = [item.id]
        try record(
            [.queueChanged(change), .targetChanged(TargetChanged(target: item.id, status: .acquiring))],
            [LogLine(.info, "queue", "Next: \(item.id.wording)")])
        return item
    }

    private func acquire(_ item: QueueItem, of grid: Grid, _ recipe: Recipe, _ scope: Scope) async throws(RunEnd) {
        do throws(RunEnd) {
            if item.id.kind == .square {
                try await acquireSquare(item.id, of: grid, recipe, scope)
            } else {
                try await acquireHole(item.id, of: grid, recipe, scope)
            }
        } catch {
            guard case .microscope(let cause) = error, cause != .busy, cause != .valveClosed else { throw error }
            // One target that cannot be had is that target's failure only.
            try record(
                [.targetChanged(TargetChanged(target: item.id, status: .failed, problem: cause.sentence))],
                [LogLine(.error, "target", "\(item.id.wording): \(cause.explanation)")])
            try await watchBeam(cause, of: grid)
        }
        tell(StepReading(step: .wait, grid: grid.id, begunAt: parts.now()))
    }

    private func complete(_ grid: Grid) throws(RunEnd) {
        // Complete is a claim: a square that nobody could look at may hold holes.
        if let square = try self.grid(grid.id).unsearchedSquares.first { throw .grid(.unsearched(square)) }
        let state = try known()
        try record(
            TargetQueue.dropping(state.queue, of: grid.id) + [.gridCompleted(GridNamed(grid: grid.id))],
            [LogLine(.info, "grid", "Grid \(grid.slot) \(grid.name) is complete")])
    }
}

extension TargetID {
    /// `square 57, hole 90`.
    var wording: String { kind == .square ? "square \(number)" : "square \(square.number), hole \(number)" }
}
