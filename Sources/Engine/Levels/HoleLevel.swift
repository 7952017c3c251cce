import Microscope
import RunModel

/// A hole: reached by image shift from a centred one near it, or centred and seen in View itself; exposed as often as the session asks.
struct HoleLevel {
    let hole: Target
    let grid: Grid
    let recipe: Recipe
    let column: Column

    func carryOut(_ run: isolated RunContext) async throws(RunEnd) {
        try await column.waitUntilUsable(on: grid.id)
        try await run.waitForDisk(grid.id)
        try await column.makeReady(for: .hole)
        let isReached = try await ShiftToHole(hole: hole, grid: grid, column: column).carryOut(run)
        if !isReached { await column.forgetHole() }
        var acquisition = Acquisition(grid, recipe, hole)
        acquisition.aim = try run.known().session.settings.defocus.weakest
        // What brings a hole to the middle was done for the one that is centred.
        for step in recipe.hole where !(isReached && step.bringsToMiddle) {
            try run.checkpoint()
            _ = try await step.carryOut(&acquisition, column, run)
        }
        if !isReached { try await noteCentred(run) }
        try await expose(run)
        try await finish(run)
    }

    /// From here on, holes near this one are reached by image shift.
    private func noteCentred(_ run: isolated RunContext) async throws(RunEnd) {
        guard recipe.hole.contains(.alignToHole), try run.known().session.settings.imageShiftLimit > .zero else { return }
        let stage = try await column.stagePosition()
        // What the map has at its place is seen off by the offset: so are its neighbours.
        let mapped = hole.stage.moved(by: -(await column.middle))
        await column.noteCentred(CentredHole(hole: hole.id, mapped: mapped, stage: stage))
    }

    private func expose(_ run: isolated RunContext) async throws(RunEnd) {
        let wanted = DoseLedger.wanted(try run.grid(grid.id).target(hole.id), try run.known().session.settings)
        if DoseLedger.remaining(of: wanted, try micrographs(run)) > 0 { try await tilt(run) }
        while true {
            try run.checkpoint()
            let taken = try micrographs(run)
            guard DoseLedger.remaining(of: wanted, taken) > 0 else { return }
            let exposure = PlannedExposure(id: DoseLedger.next(in: hole.id, of: taken), of: wanted)
            try await ExposureLevel(exposure: exposure, hole: hole, grid: grid, recipe: recipe, column: column).carryOut(run)
        }
    }

    /// Exposures happen at the session's angle. A tilt moves what is seen, so a hole that can be found again is centred again.
    private func tilt(_ run: isolated RunContext) async throws(RunEnd) {
        let angle = try run.known().session.settings.tiltAngle
        guard angle != 0 else { return }
        run.tell(
            StepReading(step: .move, grid: grid.id, target: hole.id, detail: "tilt \(angle.written)°", begunAt: run.now()))
        try await column.tilt(to: angle)
        guard recipe.hole.contains(.alignToHole) else { return }
        var acquisition = Acquisition(grid, recipe, hole)
        _ = try await RecipeStep.alignToHole.carryOut(&acquisition, column, run)
    }

    private func finish(_ run: isolated RunContext) async throws(RunEnd) {
        // Before the outcome is written: what the hole has is not undone by a shift that stays.
        do throws(RunEnd) { try await column.setImageShift(.zero) } catch {
            guard case .microscope(let cause) = error, cause != .busy else { throw error }
            try run.log(.warning, "image shift", cause.explanation)
        }
        try run.record(DoseLedger.finished(hole.id, try micrographs(run)))
    }

    private func micrographs(_ run: isolated RunContext) throws(RunEnd) -> [Micrograph] {
        try run.grid(grid.id).micrographs.filter { $0.id.hole == hole.id }
    }
}
