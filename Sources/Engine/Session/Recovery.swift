import RunModel

/// What must be written down when a stored status has no living run behind it.
enum Recovery {
    /// Nothing for a status that needs no holder.
    static func events(for state: SessionState, _ reports: [GridState], cause: String, at moment: Timestamp) -> [RunEvent] {
        guard state.status.needsHolder else { return [] }
        // Nothing was left to do but to say so.
        if !state.grids.isEmpty, state.grids.allSatisfy({ $0.status == .completed }), state.status != .starting {
            let seconds = moment.seconds(since: state.process.startedAt ?? moment)
            return [.runCompleted(RunCompleted(of: state, reports, seconds: seconds))]
        }
        let interrupted = RunInterrupted(
            grid: state.current, target: state.target, micrograph: state.exposure?.micrograph, cause: cause)
        return [.runInterrupted(interrupted)] + stoppedGrids(state)
    }

    /// Grids that were under way no longer are; Start goes on with them.
    static func stoppedGrids(_ state: SessionState) -> [RunEvent] {
        state.grids.filter { $0.status.isUnderWay }
            .map { .gridMoved(GridMoved(grid: $0.grid.id, status: .stopped)) }
    }
}
