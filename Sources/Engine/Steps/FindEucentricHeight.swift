import RunModel

/// To the height at which tilting moves nothing sideways.
struct FindEucentricHeight: Step {
    func carryOut(
        _ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> StepOutcome {
        let target = try acquisition.place()
        run.tell(
            StepReading(
                step: .focus, grid: acquisition.grid.id, target: target.id, detail: "eucentric height", begunAt: run.now()))
        let height = try await column.findEucentricHeight()
        try run.log(.info, "height", "Eucentric height \(height.written) µm")
        return .done
    }
}
