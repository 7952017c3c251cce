import GRDBSQLite

/// What SQLite keeps in memory.
public enum StoreMemory {
    /// Bytes of all its connections: pages of the file and prepared statements. A store that is read and written fills them to about 2 MB for
    /// each of its connections, and no further.
    public static var used: Int { Int(sqlite3_memory_used()) }
}
