import RunModel

/// What becomes of a grid's targets when nobody comes back to it: what was begun and what waits.
enum GridClosing {
    /// Events that close it as aborted.
    static func aborting(_ grid: GridState, _ state: SessionState) -> [RunEvent] {
        events(for: grid, state, items: state.queue.items(of: grid.grid.id)) + [
            .gridMoved(GridMoved(grid: grid.grid.id, status: .aborted))
        ]
    }

    /// Events that end what was begun on a grid that is closed already: an exposure was open then, and has been settled since.
    static func release(_ grid: GridState, _ state: SessionState) -> [RunEvent] { events(for: grid, state, items: []) }

    /// A hole that was exposed keeps what it has; anything else that was begun or waits is found again. What was skipped stays so. A hole with an
    /// exposure that nobody has settled yet stays begun.
    private static func events(for grid: GridState, _ state: SessionState, items: [QueueItem]) -> [RunEvent] {
        var events: [RunEvent] = []
        var change = QueueChanged(grid: grid.grid.id, version: state.queue.version + 1)
        for target in grid.squares + grid.holes where target.status == .acquiring || target.status == .unknown {
            let taken = grid.micrographs.filter { $0.id.hole == target.id }
            if taken.contains(where: { $0.status == .exposing || $0.status == .unknown }) { continue }
            if taken.contains(where: { $0.status != .notTaken }) {
                events += DoseLedger.finished(target.id, taken)
            } else {
                events.append(.targetChanged(TargetChanged(target: target.id, status: .queued)))
                change.removed.append(target.id)
            }
        }
        change.drop(items, on: grid)
        return change.removed.isEmpty && change.taken.isEmpty ? events : events + [.queueChanged(change)]
    }
}
