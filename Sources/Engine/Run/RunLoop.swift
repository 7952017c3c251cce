import Microscope
import RunModel
import Store

/// A run from its first command to the last: connect, settle what was left open, then grid after grid.
///
/// Everything in it may be cut short at any `await`, by a stop, a kill or a lost link; how it ended is the caller's to write down.
struct RunLoop {
    let column: Column

    /// Nil when every grid was worked through.
    func carryOut(_ run: isolated RunContext) async -> RunEnd? {
        var unwritable: StoreError?
        while true {
            do throws(RunEnd) {
                if let cause = unwritable { try await column.hold(for: cause) }
                unwritable = nil
                try await column.connect()
                while try await !worksThrough(run) {}
                return nil
            } catch {
                guard case .store(let cause) = error, cause.mayPass else { return error }
                unwritable = cause
            }
        }
    }

    /// False where the link was lost or the microscope was busy for a while: the caller settles what is open and begins again.
    private func worksThrough(_ run: isolated RunContext) async throws(RunEnd) -> Bool {
        do throws(RunEnd) {
            try await SettleExposures(column: column).carryOut(run)
            try run.clear(NoticeID.microscopeBusy)
            try await SettleExposures(column: column).requeueInterrupted(run)
            try await column.takeUpDoubt()
            try await imageGrids(run)
            return true
        } catch {
            switch error {
            // Somebody wants the microscope for themselves: taking it back would take it out of their hands.
            case .link(.operatorStopped): throw error
            case .link(let cause): try await column.reconnect(after: cause)
            // Refused because something else is under way, so nothing was done: waiting and asking again is harmless.
            case .microscope(.busy): try await column.waitWhileBusy()
            // Somebody closed them under the run: the grid is taken up again, and waits there until they are open.
            case .microscope(.valveClosed): try await run.rest(run.settings.pollInterval)
            default: throw error
            }
            return false
        }
    }

    private func imageGrids(_ run: isolated RunContext) async throws(RunEnd) {
        repeat {
            try await imageGridsOfPass(run)
        } while try await asksForNextPass(run)
        try closeIdle(run)
    }

    /// True where the plan goes on after what it has come to.
    private func asksForNextPass(_ run: isolated RunContext) async throws(RunEnd) -> Bool {
        let state = try run.known()
        guard state.plan == .atlasesFirst else {
            try run.withdraw(.atlasesTaken, because: "the plan has changed")
            return try nextGrid(run) != nil
        }
        let open = state.grids.filter { $0.status.isOpen && $0.hasAtlas && !run.failedGrids.contains($0.grid.id) }
        guard let grid = open.first(where: { $0.grid.id == state.current }) ?? open.first else { return false }
        try await askForPlan(of: grid.grid.id, run)
        return true
    }

    /// Until there is a plan, or a grid again whose atlas is wanted: somebody has taken one up.
    private func askForPlan(of grid: GridID, _ run: isolated RunContext) async throws(RunEnd) {
        let question = Question(.atlasesTaken, grid: grid)
        while run.takeAnswer(to: question) == nil {
            try run.raise(question)
            var isDue = false
            try await run.wait {
                // Unreadable: the next look says so.
                isDue = (try? nextGrid(run)).flatMap(\.self) != nil
                return isDue || run.isAnswered(question) || (try? run.known())?.prompt == nil
            }
            if isDue { try run.withdraw(.atlasesTaken, because: "another atlas is wanted") }
            try run.record(run.resuming(try run.known(), grid: grid))
            if isDue { return }
        }
    }

    /// What nobody has queued anything on is closed without a load: the run has come to its end, and says of each grid what became of it.
    private func closeIdle(_ run: isolated RunContext) throws(RunEnd) {
        for summary in GridOrder.idle(try run.known(), failed: run.failedGrids) {
            let (grid, report) = (summary.grid, try run.grid(summary.grid.id))
            // Skipped targets leave the queue with their grid.
            let emptied = TargetQueue.dropping(try run.known().queue, of: grid.id, report)
            let words = "Nothing is queued on grid \(grid.slot) \(grid.name)"
            switch (report.images, GridEnding(report)) {
            case (0, _):
                try run.record(
                    emptied + [.gridMoved(GridMoved(grid: grid.id, status: .leftOut))],
                    [LogLine(.info, "grid", "\(words): left out")])
            case (_, .complete):
                try run.record(
                    emptied + GridEnding(report).events(for: grid.id), [LogLine(.info, "grid", "\(words): it is complete")])
            // It holds what nobody could look at: open until somebody queues something, or chooses another plan.
            case (_, .failed): continue
            }
        }
    }

    private func imageGridsOfPass(_ run: isolated RunContext) async throws(RunEnd) {
        while let summary = try nextGrid(run) {
            try run.checkpoint()
            // Aborted while the link was lost, or just before it ended in another way.
            if summary.status == .stopping {
                try await close(summary.grid, run)
                continue
            }
            run.begin(imaging: summary.grid.id)
            do throws(RunEnd) {
                try await GridLevel(grid: summary.grid, column: column).carryOut(summary, run)
                run.endImaging()
                run.alike.grids.noteSuccess()
            } catch {
                run.endImaging()
                switch error {
                case .abort: try await close(summary.grid, run)
                case .microscope(.busy), .microscope(.valveClosed): throw error
                case .microscope(let cause): try await fail(summary.grid, Failure(cause), FailureReason(cause), run)
                case .grid(let failure): try await fail(summary.grid, failure, run.reason(of: failure, at: summary.grid.id), run)
                default: throw error
                }
            }
        }
    }

    /// What became of an exposure is asked about whatever becomes of its grid.
    private func close(_ grid: Grid, _ run: isolated RunContext) async throws(RunEnd) {
        try run.close(grid)
        try await SettleExposures(column: column).carryOut(run)
        try await SettleExposures(column: column).requeueInterrupted(run)
    }

    private func fail(
        _ grid: Grid, _ failure: Failure, _ reason: FailureReason, _ run: isolated RunContext
    ) async throws(RunEnd) {
        // What comes in the way of a grid that is being aborted anyway is no failure of it.
        if try run.isAborting(grid.id) { return try await close(grid, run) }
        try run.fail(grid, failure)
        // What a person chose to skip says nothing of the microscope, nor does a recipe that is gone.
        guard ![LoaderProblem.skippedCode, Failure.recipeGoneCode].contains(failure.code) else { return }
        try await run.noteFailure(of: grid, failure, reason, isLast: try nextGrid(run) == nil)
    }

    private func nextGrid(_ run: isolated RunContext) throws(RunEnd) -> GridSummary? {
        GridOrder.left(of: try run.known(), failed: run.failedGrids).first
    }
}
