import GRDB
import GRDBSQLite

// What a new store's file holds: the whole schema and the store's identity, made in memory.
extension NewStoreFile {
    static func contents(identity: String, path: String) throws(StoreError) -> [UInt8] {
        do {
            let queue = try DatabaseQueue(configuration: StoreFile.configuration)
            try Schema.migrator.migrate(queue)
            try queue.write { try $0.run("INSERT INTO meta (name, value) VALUES ('identity', ?)", [identity]) }
            var bytes = try queue.read(bytes)
            // Bytes 18 and 19 of a database's header say how it is written: 2 is by a write-ahead log. A database in memory has none, so
            // SQLite itself would only say so by writing the file once more.
            bytes.replaceSubrange(18...19, with: [2, 2])
            return bytes
        } catch {
            throw StoreError(error, path: path)
        }
    }

    private static func bytes(_ db: Database) throws -> [UInt8] {
        var count: Int64 = 0
        guard let copy = sqlite3_serialize(db.sqliteConnection, "main", &count, 0) else {
            throw DatabaseError(resultCode: .SQLITE_NOMEM)
        }
        defer { sqlite3_free(copy) }
        return Array(UnsafeBufferPointer(start: copy, count: Int(count)))
    }
}
