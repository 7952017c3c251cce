/// Which grids a run has still to come to, and in which order.
public enum GridOrder {
    /// The grid under way first, then the one that an ended run was at or that has a queue, then the first in the session's order; the fewest loads come
    /// of that. `failed`: grids that this run has failed at, which only the next Start tries again.
    public static func left(of state: SessionState, failed: Set<GridID> = []) -> [GridSummary] {
        // One that was taken up since it failed is come to again.
        let open = state.grids.filter { $0.status.isOpen && !($0.status == .failed && failed.contains($0.grid.id)) }
        let due = open.filter { isDue($0, state) }
        let first = due.first { $0.status.isUnderWay } ?? due.first { $0.grid.id == state.current && isGoneOnWith($0, state) }
        return [first].compactMap(\.self) + due.filter { $0.grid.id != first?.grid.id }
    }

    /// Open grids of which nothing is queued, where only what is queued is collected: no run loads them.
    public static func idle(_ state: SessionState, failed: Set<GridID> = []) -> [GridSummary] {
        guard state.plan == .collectQueued else { return [] }
        return state.grids.filter {
            $0.status.isOpen && !$0.status.isUnderWay && !($0.status == .failed && failed.contains($0.grid.id))
                && !isDue($0, state)
        }
    }

    private static func isDue(_ grid: GridSummary, _ state: SessionState) -> Bool {
        switch state.plan {
        case .screenEachGrid: true
        // An atlas on which nobody could look for squares gives nothing to choose from.
        case .atlasesFirst: !grid.hasAtlas || !grid.isSearched || grid.status.isUnderWay
        // One that was mapped and failed is tried again by the next start, as its remedy says; the one that an ended run was at is gone on with.
        case .collectQueued:
            grid.status.isUnderWay || state.queue.waiting(of: grid.grid.id) > 0
                || (grid.hasAtlas && (grid.status == .failed || (grid.status == .stopped && grid.grid.id == state.current)))
        }
    }

    /// Whether the grid that was on the stage last is gone on with before the others.
    private static func isGoneOnWith(_ grid: GridSummary, _ state: SessionState) -> Bool {
        grid.status == .stopped || !state.queue.items(of: grid.grid.id).isEmpty
    }
}
