import RunModel

// For the engine, which writes all news itself and reads the states many times in between.

extension RunStore {
    /// The state as this store last wrote or read it, with the stored status. It costs no transaction while it is in memory, and so does not show
    /// what something else has changed in the file since then: see `doubtCachedStates`.
    public func cachedState(of session: SessionID) throws(StoreError) -> SessionState? {
        if let known = cache.sessions.look(session), !known.isDoubted { return known.state }
        return try reading(of: session) { [cache] db in
            guard var folded = try FoldedState<SessionState>.load(session, db, cache, toChange: false) else { return nil }
            folded.state.status = try SessionRow.read(session, db)?.status(else: folded.state.status) ?? folded.state.status
            folded.isDoubted = false
            cache.sessions.put(folded, for: session)
            return folded.state
        }
    }

    public func cachedState(of grid: GridID) throws(StoreError) -> GridState? {
        if let known = cache.grids.look(grid), !known.isDoubted { return known.state }
        return try reading(of: grid.session) { [cache] db in
            guard var folded = try FoldedState<GridState>.load(grid, db, cache, toChange: false) else { return nil }
            folded.isDoubted = false
            cache.grids.put(folded, for: grid)
            return folded.state
        }
    }

    /// The next `cachedState` of this session and its grids compares what is in memory with the file.
    public func doubtCachedStates(of session: SessionID) {
        cache.sessions.doubt { $0 == session }
        cache.grids.doubt { $0.session == session }
    }
}
