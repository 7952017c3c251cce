import RunModel

extension RunStore {
    /// Movies that were saved and not worked on yet, the oldest first: what the pipeline fetches when it has room.
    public func unprocessedMicrographs(limit: Int) throws(StoreError) -> [Micrograph] {
        var found: [Micrograph] = []
        for id in try savedExposures() where found.count < limit {
            if let micrograph = try micrograph(id), micrograph.status == .saved { found.append(micrograph) }
        }
        return found
    }

    private func savedExposures() throws(StoreError) -> [MicrographID] {
        try reading { db in
            try db.rows("SELECT micrograph FROM exposures WHERE outcome = 'saved' ORDER BY began", [])
                .map { MicrographID(unchecked: $0[0]) }
        }
    }
}
