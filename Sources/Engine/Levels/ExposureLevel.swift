import RunModel
import Store

/// One exposure: a place within the hole, the disk asked, focus and drift, then the shutter.
struct ExposureLevel {
    let exposure: PlannedExposure
    let hole: Target
    let grid: Grid
    let recipe: Recipe
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        let forgotten = ForgottenMovie(exposure: exposure, grid: grid, column: column)
        let isForgotten = try await forgotten.isThere(run)
        var acquisition = Acquisition(grid, recipe, hole)
        acquisition.exposure = exposure
        let id = grid.id
        acquisition.aim = DefocusCycle.next(
            try run.known().session.settings.defocus,
            taken: try run.read { store throws(StoreError) in try store.exposureCount(of: id) })
        if isForgotten { return try await forgotten.believe(acquisition, run) }
        try await column.makeReady(for: .exposure)
        let shift =
            await column.middle
            + ExposurePattern.shift(number: exposure.id.number, of: exposure.of, holeDiameter: grid.holeDiameter)
        try await column.setImageShift(shift)
        acquisition.shift = shift
        for step in recipe.highMag {
            try run.checkpoint()
            _ = try await step.carryOut(&acquisition, column, run)
        }
    }
}
