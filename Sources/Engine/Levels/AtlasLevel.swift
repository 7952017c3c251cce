import Processing
import RunModel

/// The map of a grid, the squares on it, and the first queue.
struct AtlasLevel {
    let grid: Grid
    let recipe: Recipe
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        try await column.waitUntilUsable(on: grid.id)
        try await run.waitForDisk(grid.id)
        try await column.makeReady(for: .atlas)
        try await map(run)
        if let atlas = try run.grid(grid.id).atlas { try await findSquares(on: atlas, run) }
    }

    private func map(_ run: isolated RunContext) async throws(RunEnd) {
        try await run.retaking(grid.id) { (run: isolated RunContext) async throws(RunEnd) in
            var acquisition = Acquisition(grid, recipe)
            for step in recipe.atlas { _ = try await step.carryOut(&acquisition, column, run) }
        }
    }

    /// Goes on with the map of an earlier run. Squares that it had no time to find are found now; where the grid failed and nothing waits on it,
    /// those of the first choice that were not imaged yet are queued again.
    func takeUp(afterFailure: Bool, _ run: isolated RunContext) async throws(RunEnd) {
        let report = try run.grid(grid.id)
        let state = try run.known()
        guard let atlas = report.atlas else { return }
        if report.squares.isEmpty {
            try await findSquares(on: atlas, run)
        } else {
            // What is skipped waits for nobody.
            let isIdle = state.queue.items(of: grid.id).allSatisfy(\.isSkipped)
            let change = queueAgain(report, state, run, withFirstChoice: afterFailure && isIdle)
            guard !change.added.isEmpty else { return }
            try run.record([.queueChanged(change)], [LogLine(.info, "queue", "\(change.added.count) targets queued again")])
        }
    }

    /// Squares that nobody could look at, however the last run ended; and what is left of the first choice, where the queue went with the grid.
    private func queueAgain(
        _ report: GridState, _ state: SessionState, _ run: isolated RunContext, withFirstChoice: Bool
    ) -> QueueChanged {
        let queued = Set(state.queue.items.map(\.id))
        let unsearched = report.unsearchedSquares.map(\.id).filter { !queued.contains($0) }
        var change = QueueChanged(grid: report.grid.id, version: state.queue.version + 1)
        // Where only what is queued is collected, what people took off the first choice stays off.
        let first = state.plan == .collectQueued ? [] : leftOfFirstChoice(report, state.session.settings)
        let left = withFirstChoice ? first + leftOfNothing(report) : []
        change.added = (unsearched + left.filter { !unsearched.contains($0) })
            .compactMap { id in
                let wanted = DoseLedger.wanted(report.target(id), state.session.settings)
                let left = DoseLedger.remaining(of: wanted, report.micrographs.filter { $0.id.hole == id })
                guard id.kind == .square || left > 0 else { return nil }
                return TargetQueue.item(
                    id, exposures: id.kind == .hole ? left : nil, settings: state.session.settings, engine: run.settings)
            }
        return change
    }

    /// A grid that failed without a single image failed of something that may have been put right since.
    private func leftOfNothing(_ report: GridState) -> [TargetID] { report.images == 0 ? report.unexposedFailures : [] }

    private func leftOfFirstChoice(_ report: GridState, _ settings: GridSettings) -> [TargetID] {
        let chosen = TargetChoice.squares(report.squares, count: settings.squaresPerGrid)
        let mapped = report.squares.map(\.id).filter { id in report.holes.contains { $0.id.square == id } }
        let holes = mapped.flatMap { id in
            TargetChoice.holes(report.holes.filter { $0.id.square == id }, count: settings.holesPerSquare, mode: settings.mode)
        }
        // Mapped again, a square would lose the places of what was exposed in it.
        return (holes + chosen.filter { !mapped.contains($0) }).filter { report.target($0)?.status == .found }
    }

    private func findSquares(on atlas: MapImage, _ run: isolated RunContext) async throws(RunEnd) {
        let path = try run.path(of: atlas.file)
        let found: [FoundTarget]
        switch try await run.look(
            at: path, grid.id, { finder throws(FinderProblem) in try await finder.squares(on: atlas, at: path) })
        {
        case .success(let squares): found = squares
        case .failure(let problem):
            try run.record(
                [.processingFailed(ProcessingFailed(grid: grid.id, sentence: problem.sentence))],
                [LogLine(.error, "squares", problem.explanation)])
            // Without having looked nobody can say that the grid holds nothing.
            throw .grid(.unsearched(problem))
        }
        let state = try run.known()
        let settings = state.session.settings
        let placement = try run.grid(grid.id).placement ?? .unmoved
        var squares = Target.numbered(found, on: atlas) { TargetID(square: $0, of: grid.id) }
        for index in squares.indices { squares[index].stage = placement.place(squares[index].stage) }
        let chosen = TargetChoice.squares(squares, count: settings.squaresPerGrid)
        var change = QueueChanged(grid: grid.id, version: state.queue.version + 1)
        change.added = chosen.map { TargetQueue.item($0, settings: settings, engine: run.settings) }
        try run.record(
            [.squaresFound(SquaresFound(grid: grid.id, squares: squares)), .queueChanged(change)],
            [LogLine(.info, "squares", "\(squares.count) squares found, \(chosen.count) queued")])
    }
}
