import RunModel

extension RunStore {
    /// Movies that were saved and not worked on yet, the oldest first: what the pipeline fetches when it has room.
    /// Those of some sessions are passed over.
    public func unprocessedMicrographs(limit: Int, without sessions: Set<SessionID> = []) throws(StoreError) -> [Micrograph] {
        try reading { db in
            try DoseRows.toWorkOn(limit: limit, without: sessions.sorted(), db).compactMap { id in
                try self.grid(id.grid, db)?.state.micrograph(id)
            }
        }
    }
}
