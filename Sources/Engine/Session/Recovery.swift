import RunModel

/// What must be written down when a stored status has no living run behind it.
enum Recovery {
    /// Nothing for a status that needs no holder.
    static func events(for state: SessionState, _ reports: [GridState], cause: String, at moment: Timestamp) -> [RunEvent] {
        guard state.status.needsHolder else { return [] }
        // Nothing was left to do but to say so.
        if !state.grids.isEmpty, state.grids.allSatisfy({ !$0.status.isOpen }), state.status != .starting {
            let seconds = moment.seconds(since: state.process.startedAt ?? moment)
            return [.runCompleted(RunCompleted(of: state, reports, seconds: seconds))]
        }
        let interrupted = RunInterrupted(
            grid: state.current, target: state.target, micrograph: state.exposure?.micrograph, cause: cause)
        return [.runInterrupted(interrupted)] + leftGrids(state, reports)
    }

    /// Grids that were under way no longer are; Start goes on with them, but for one that was being aborted.
    static func leftGrids(_ state: SessionState, _ reports: [GridState]) -> [RunEvent] {
        state.grids.filter { $0.status.isUnderWay }.flatMap { summary in
            guard summary.status == .stopping, let report = reports.first(where: { $0.grid.id == summary.grid.id }) else {
                return [RunEvent.gridMoved(GridMoved(grid: summary.grid.id, status: .stopped))]
            }
            return GridClosing.aborting(report, state)
        }
    }
}
