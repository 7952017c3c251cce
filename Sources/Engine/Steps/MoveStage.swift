import RunModel

/// To where the map has the target.
struct MoveStage: Step {
    func carryOut(
        _ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> StepOutcome {
        let target = try acquisition.place()
        let place = target.stage
        run.tell(StepReading(step: .move, grid: acquisition.grid.id, target: target.id, begunAt: run.now()))
        try await column.moveStage(to: place)
        try run.log(.debug, "stage", "Moved to x \(place.x.written) y \(place.y.written) µm")
        return .done
    }
}
