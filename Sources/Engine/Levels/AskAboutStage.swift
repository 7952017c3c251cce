import RunModel

/// Asks whether a grid is on the stage, where neither its slot nor the microscope program can tell. Once: it remembers the answer.
struct AskAboutStage {
    let grid: Grid
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        try run.log(
            .warning, "loader", "Nobody can tell whether the grid of slot \(grid.slot) is on the stage"
        )
        let effect = try await run.ask(Question(.stageUnclear, grid: grid.id))
        let by = try run.known().lastAnswer?.by ?? "somebody"
        switch effect {
        case .resume:
            try run.forgetPlace(of: grid.id)
            try await column.noteLoaded(slot: grid.slot)
            try run.log(.info, "loader", "\(by) says that the grid of slot \(grid.slot) is on the stage")
        case .acceptCassette, .skipGrid, .endGrid, .settleExposure, .tryAgain, .followPlan, .nothing:
            // A person's word counts also where the link is gone.
            do throws(RunEnd) { try await column.forgetLoaded() } catch {
                guard case .link(let cause) = error, cause != .operatorStopped else { throw error }
            }
            throw .grid(Failure(LoaderProblem.skipped(slot: grid.slot, by: by)))
        }
    }
}
