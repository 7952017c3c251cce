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
        try await column.waitUntilUsable(on: grid.id)
        try await run.waitForDisk(grid.id)
        try await column.makeReady(for: .exposure)
        let shift =
            await column.middle
            + ExposurePattern.shift(number: exposure.id.number, of: exposure.of, holeDiameter: grid.holeDiameter)
        try await column.setImageShift(shift)
        var acquisition = Acquisition(grid, recipe, hole)
        acquisition.exposure = exposure
        acquisition.shift = shift
        let id = grid.id
        acquisition.aim = DefocusCycle.next(
            try run.known().session.settings.defocus,
            taken: try run.read { store throws(StoreError) in try store.exposureCount(of: id) })
        for step in recipe.highMag {
            try run.checkpoint()
            _ = try await step.carryOut(&acquisition, column, run)
        }
    }
}
