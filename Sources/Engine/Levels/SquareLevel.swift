import Processing
import RunModel

/// A square: found again, its height set, mapped in Search, its holes found and queued.
struct SquareLevel {
    let square: Target
    let grid: Grid
    let recipe: Recipe
    let column: Column

    /// Nil when the square was mapped and looked at.
    func carryOut(_ run: isolated RunContext) async throws(RunEnd) -> FinderProblem? {
        try await column.waitUntilUsable(on: grid.id)
        try await run.waitForDisk(grid.id)
        try await column.makeReady(for: .square)
        await column.forgetHole()
        var acquisition = Acquisition(grid, recipe, square)
        for step in recipe.square {
            try run.checkpoint()
            switch try await step.carryOut(&acquisition, column, run) {
            case .done, .foundNothing: continue
            // The step has written down what it could not look at; without a map nothing further can be done here.
            case .couldNotLook(let problem): return problem
            }
        }
        return nil
    }
}
