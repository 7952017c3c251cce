import RunModel

/// To the defocus that is wanted: measured, or only changed where it was measured near here.
struct Autofocus: Step {
    func carryOut(
        _ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> StepOutcome {
        let (grid, target, aim) = (acquisition.grid, try acquisition.place(), acquisition.aim)
        let distance = try run.known().session.settings.focusDistance
        let place = try await focusPlace(acquisition.shift, distance, column)
        let last = await column.focus
        let choice = FocusRule.choose(last: last, on: grid.id, at: place, aim: aim, within: distance)
        guard case .change(let change) = choice, let last else {
            acquisition.measuredDefocus = try await measure(at: target, aim: aim, grid, column, run)
            await column.noteFocus(place.map { Focused(grid: grid.id, place: $0, aim: aim) })
            return .done
        }
        if change != .zero { try await column.changeFocus(by: change) }
        await column.noteFocus(Focused(grid: grid.id, place: last.place, aim: aim))
        try run.log(.info, "focus", "Target \(aim.written) µm, as measured within \(distance.written) µm of here")
        return .done
    }

    /// Where the beam falls; nil where its distance from another place will not be needed.
    private nonisolated(nonsending) func focusPlace(
        _ shift: PlaneShift, _ distance: Length, _ column: Column
    ) async throws(RunEnd) -> StagePosition? {
        guard distance > .zero else { return nil }
        return try await column.stagePosition().moved(by: shift)
    }

    private func measure(
        at target: Target, aim: Length, _ grid: Grid, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> Length {
        run.tell(
            StepReading(step: .focus, grid: grid.id, target: target.id, detail: "\(aim.written) µm", begunAt: run.now()))
        let measured = try await column.autofocus(target: aim)
        try run.log(.info, "focus", "Measured \(measured.written) µm, target \(aim.written) µm")
        return measured
    }
}
