import Microscope
import RunModel
import Store

// The run itself: connect, settle what was left open, grid after grid, and a true end.
extension RunSession {
    /// Lives as long as the run. Everything that may be cut short is a child of this task; the end is not.
    func carryOut(_ run: Run, on microscope: MicroscopeDescription, _ detector: DetectorDescription) async {
        await disks.watch(id)
        let gate: @Sendable () async throws(RunEnd) -> Void = { [self] () async throws(RunEnd) in try await checkpoint() }
        await lock.withMicroscope(run.number, microscope, detector, gate: gate) { [self] scope in
            let end = await work(scope, killedBy: run.kill)
            await finish(end, scope)
        }
        await disks.unwatch(id)
    }

    private func work(_ scope: Scope, killedBy kill: Bell) async -> RunEnd? {
        await withTaskGroup(of: Work.self) { group in
            group.addTask { [self] in
                do throws(RunEnd) {
                    try await carryOutGrids(scope)
                    return .ended(nil)
                } catch {
                    return .ended(error)
                }
            }
            group.addTask {
                await kill.wait(after: 0)
                return .killed
            }
            var end: RunEnd?
            while let next = await group.next() {
                group.cancelAll()
                if case .ended(let why) = next { end = why }
            }
            return end
        }
    }
    private enum Work {
        case ended(RunEnd?)
        case killed
    }

    private func carryOutGrids(_ scope: Scope) async throws(RunEnd) {
        try await connect(scope)
        while true {
            do throws(RunEnd) {
                try await settleExposures(scope)
                try clear(NoticeID.microscopeBusy)
                try await requeueInterrupted()
                try await takeUpDoubt()
                try await imageGrids(scope)
                return
            } catch {
                switch error {
                // Somebody wants the microscope for themselves: taking it back would take it out of their hands.
                case .link(.operatorStopped): throw error
                case .link(let cause): try await reconnect(scope, after: cause)
                // Refused because something else is under way, so nothing was done: waiting and asking again is harmless.
                case .microscope(.busy): try await waitWhileBusy()
                // Somebody closed them under the run: the grid is taken up again, and waits there until they are open.
                case .microscope(.valveClosed): try await rest(parts.settings.pollInterval)
                default: throw error
                }
            }
        }
    }

    private func imageGrids(_ scope: Scope) async throws(RunEnd) {
        while let summary = try nextGrid() {
            try checkpoint()
            do throws(RunEnd) {
                try await image(summary, scope)
            } catch {
                switch error {
                case .microscope(.busy), .microscope(.valveClosed): throw error
                case .microscope(let cause): try fail(summary, Failure(cause))
                case .grid(let failure): try fail(summary, failure)
                default: throw error
                }
            }
        }
    }

    /// The grid under way first, then the one that an ended run was at or that has a queue, then the first that is not complete;
    /// none that this run has failed at.
    private func nextGrid() throws(RunEnd) -> GridSummary? {
        let failed = run?.failedGrids ?? []
        let state = try known()
        let open = state.grids.filter { $0.status != .completed && !failed.contains($0.grid.id) }
        let left = open.first { $0.grid.id == state.current && ($0.status == .stopped || !state.queue.items.isEmpty) }
        return open.first { $0.status.isUnderWay } ?? left ?? open.first
    }

    private func fail(_ summary: GridSummary, _ failure: Failure) throws(RunEnd) {
        run?.failedGrids.insert(summary.grid.id)
        let news = GridFailed(grid: summary.grid.id, sentence: failure.sentence, remedy: failure.remedy)
        try record(
            TargetQueue.dropping(try known().queue, of: summary.grid.id) + [.gridFailed(news)],
            [
                LogLine(
                    .error, "grid", "Grid \(summary.grid.slot) \(summary.grid.name): \(failure.sentence) \(failure.remedy ?? "")")
            ])
    }
}
