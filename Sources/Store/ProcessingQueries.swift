import RunModel

extension RunStore {
    /// Movies that were saved and not worked on yet, the oldest first: what the pipeline fetches when it has room.
    public func unprocessedMicrographs(limit: Int) throws(StoreError) -> [Micrograph] {
        try reading { db in
            try DoseRows.toWorkOn(limit: limit, db).compactMap { id in try self.grid(id.grid, db)?.state.micrograph(id) }
        }
    }
}
