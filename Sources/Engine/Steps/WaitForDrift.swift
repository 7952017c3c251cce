import RunModel

/// Until the specimen creeps no faster than the session allows, or its patience is over.
struct WaitForDrift: Step {
    func carryOut(
        _ acquisition: inout Acquisition, _ column: Column, _ run: isolated RunContext
    ) async throws(RunEnd) -> StepOutcome {
        let target = try acquisition.place()
        let settings = try run.known().session.settings
        let timer = run.timer(of: .seconds(settings.driftTimeout))
        while true {
            try run.checkpoint()
            let drift = try await column.measureDrift()
            run.tell(
                StepReading(
                    step: .drift, grid: acquisition.grid.id, target: target.id, detail: "\(drift.written) Å/s",
                    begunAt: run.now()))
            if drift <= settings.driftLimit {
                try run.log(.debug, "drift", "\(drift.written) Å/s, below \(settings.driftLimit.written) Å/s")
                return .done
            }
            if timer.isOver {
                try run.log(
                    .warning, "drift",
                    "\(target.id.wording): \(drift.written) Å/s after \(Int(settings.driftTimeout)) s; recording all the same")
                return .done
            }
            try await run.rest(run.settings.pollInterval)
        }
    }
}
