import Microscope
import RunModel

// Focus and drift: what an image waits for.
extension RunSession {
    /// Focus or drift, whichever the step is. Returns what autofocus read, where it measured. `shift`: the image shift that is set.
    func settleBeam(
        _ step: RecipeStep, at target: Target, shift: PlaneShift = .zero, aim: Length, _ grid: Grid, _ scope: Scope
    ) async throws(RunEnd) -> Length? {
        if step == .autofocus { return try await focus(at: target, shift: shift, aim: aim, grid, scope) }
        try await waitForDrift(at: target, grid, scope)
        return nil
    }

    private func focus(
        at target: Target, shift: PlaneShift, aim: Length, _ grid: Grid, _ scope: Scope
    ) async throws(RunEnd) -> Length? {
        let distance = try known().session.settings.focusDistance
        let place = try await focusPlace(shift, distance, scope)
        let choice = FocusRule.choose(last: run?.focus, on: grid.id, at: place, aim: aim, within: distance)
        // What stops in the middle leaves a focus that nobody knows.
        let last = run?.focus
        run?.focus = nil
        guard case .change(let change) = choice, let last else {
            let measured = try await measureFocus(at: target, aim: aim, grid, scope)
            run?.focus = place.map { Focused(grid: grid.id, place: $0, aim: aim) }
            return measured
        }
        if change != .zero {
            try await scope.command { microscope throws(MicroscopeError) in try await microscope.changeFocus(by: change) }
        }
        run?.focus = Focused(grid: grid.id, place: last.place, aim: aim)
        try log(.info, "focus", "Target \(aim.written) µm, as measured within \(distance.written) µm of here")
        return nil
    }

    /// Where the beam falls; nil where nobody will ask how far that is from somewhere.
    private func focusPlace(_ shift: PlaneShift, _ distance: Length, _ scope: Scope) async throws(RunEnd) -> StagePosition? {
        guard distance > .zero else { return nil }
        let stage = try await scope.command { microscope throws(MicroscopeError) in try await microscope.stagePosition() }
        return stage.moved(by: shift)
    }

    private func measureFocus(at target: Target, aim: Length, _ grid: Grid, _ scope: Scope) async throws(RunEnd) -> Length {
        tell(StepReading(step: .focus, grid: grid.id, target: target.id, detail: "\(aim.written) µm", begunAt: parts.now()))
        let measured = try await scope.command { microscope throws(MicroscopeError) in
            try await microscope.autofocus(target: aim)
        }
        try log(.info, "focus", "Measured \(measured.written) µm, target \(aim.written) µm")
        return measured
    }

    private func waitForDrift(at target: Target, _ grid: Grid, _ scope: Scope) async throws(RunEnd) {
        let settings = try known().session.settings
        let timer = Timer(duration: parts.settings.scaled(.seconds(settings.driftTimeout)), clock: parts.clock)
        while true {
            try checkpoint()
            let drift = try await scope.command { microscope throws(MicroscopeError) in try await microscope.measureDrift() }
            tell(
                StepReading(step: .drift, grid: grid.id, target: target.id, detail: "\(drift.written) Å/s", begunAt: parts.now()))
            if drift <= settings.driftLimit {
                return try log(.debug, "drift", "\(drift.written) Å/s, below \(settings.driftLimit.written) Å/s")
            }
            if timer.isOver {
                return try log(
                    .warning, "drift",
                    "\(target.id.wording): \(drift.written) Å/s after \(Int(settings.driftTimeout)) s; recording all the same")
            }
            try await rest(parts.settings.pollInterval)
        }
    }
}
