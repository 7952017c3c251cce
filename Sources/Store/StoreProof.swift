import RunModel

extension RunStore {
    /// Writes a moment down, always in the same row, and returns when it is on the disk: the one proof that the store can be written.
    public func prove(at moment: Timestamp) throws(StoreError) {
        try writing { db in
            try db.run(
                "INSERT INTO meta (name, value) VALUES ('proof', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [String(moment.milliseconds)])
        }
    }

    /// When it was last proved; nil for never.
    public func lastProof() throws(StoreError) -> Timestamp? {
        try reading { try $0.text("SELECT value FROM meta WHERE name = 'proof'", []) }
            .flatMap(Int64.init).map(Timestamp.init(milliseconds:))
    }

    /// Nothing is written: whether the file that was opened stands where it was. Asks the disk.
    public func look() throws(StoreError) { try watch?.check() }
}
