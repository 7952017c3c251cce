import Blocking
import GRDB
import Glibc

/// A whole store in another file: read by SQLite's own backup, so that a server may go on writing meanwhile, and looked through before it
/// gets its name.
struct StoreCopy {
    let source: String
    let target: String

    /// By a name that a later backup into the same folder knows for a draft of ours, whatever the backup is called.
    private var draft: String { "\(target)\(AbandonedDrafts.mark).new-\(getpid())" }

    /// Never in the place of a file that stands there.
    func make() throws(StoreError) {
        guard try StorePlace(path: source).isTaken() else { throw .foreign(path: source) }
        AbandonedDrafts(of: target).remove()
        let draft = draft
        defer { for end in ["", "-journal", "-wal", "-shm"] { unlink(draft + end) } }
        do {
            // By the system first: SQLite would not say why it cannot make a file, and would write through a link that somebody put there.
            let held = try Files.openOwn(draft, .readWrite, [.create, .exclusiveCreate], .ownerReadWrite)
            defer { close(held.rawValue) }
            _ = OpenFileLock.draft.take(held)  // Where the disk knows no locks, no other one removes it either.
            try copy(to: draft)
            if let problem = StoreFile(path: draft).problem() { throw problem.about(source) }
            guard try RunStore.identity(at: draft) != nil else { throw StoreError.foreign(path: source) }
            try Files.openedOwn(draft, .readWrite) { try Files.settle($0) }
            try place(draft)
            try Files.settle(folder: Files.folder(of: target))
        } catch let error as Errno {
            throw StoreError(system: error, path: target)
        } catch {
            throw StoreError(error, path: source)
        }
    }

    private func copy(to draft: String) throws {
        let (from, to) = (
            try DatabaseQueue(path: source, configuration: StoreFile.lookingOnly), try DatabaseQueue(path: draft)
        )
        do {
            try from.backup(to: to)
        } catch {
            // SQLite does not tell which of the two files it was.
            throw StoreError(error, path: target)
        }
        // One file without a log beside it, also while somebody looks at it.
        try to.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        try to.close()
        try from.close()
    }

    private func place(_ draft: String) throws(Errno) {
        do throws(Errno) { try Files.retried { link(draft, target) } } catch  where NewStoreFile.noLinks.contains(error) {
            guard !Files.isTaken(target) else { throw .fileExists }
            try Files.rename(draft, to: target)
        }
    }
}

extension RunStore {
    /// Copies the store at `path` into a new file, whether a server works on it or not. Returns when the copy is whole, looked through and on
    /// its disk.
    public static func backUp(_ path: String, to target: String) throws(StoreError) {
        try StoreCopy(source: path, target: target).make()
    }

    /// What is wrong with a store's file, looked through to its last page; nil for one that is whole. A store of an older version is whole.
    public static func problem(of path: String) -> StoreError? { StoreFile(path: path).problem() }

    /// Whether a file says of itself that a log belongs to it, and there is none with anything in it: then what was written last may be missing, and
    /// nothing in the file shows it. What `backUp` makes needs none.
    public static func lacksItsLog(_ path: String) -> Bool {
        // Bytes 18 and 19 of the header: 2 is by a write-ahead log. A file that cannot be read is refused with its reason.
        let header = try? Files.opened(path, .readOnly, .nonBlocking) { try Files.read($0, at: 18, count: 2) }
        return header == [2, 2] && (try? Files.size("\(StorePlace(path: path).real)-wal")) ?? 0 == 0  // not there as well
    }

    /// Whether the store's last program was cut short and its log is gone since, which shows only before the next opening: its index is still there.
    public static func lostItsLog(_ path: String) -> Bool {
        let real = StorePlace(path: path).real
        return Files.exists(real) && Files.exists("\(real)-shm") && !Files.exists("\(real)-wal")
    }

    /// The end of a store's audit log, without opening it for writing: the file of a store that is about to be set aside stays as it is, though an empty
    /// log and its index may be made beside it. Nil where there is none, or it
    /// cannot be read.
    public static func auditHead(at path: String) -> AuditHead? {
        guard (try? StorePlace(path: path).isTaken()) == true else { return nil }
        guard let queue = try? DatabaseQueue(path: path, configuration: StoreFile.lookingOnly) else { return nil }
        return (try? queue.read { try AuditRows.head($0) }) ?? nil  // one from before there was a chain has none
    }

    /// Whether a store is of this version, without opening it for writing, which would bring it there. False where that cannot be told.
    public static func isCurrent(_ path: String) -> Bool {
        guard (try? StorePlace(path: path).isTaken()) == true else { return false }
        let queue = try? DatabaseQueue(path: path, configuration: StoreFile.lookingOnly)
        return (try? queue?.read { try Schema.migrator.hasCompletedMigrations($0) }) ?? false
    }

    /// By which a store is known, without opening it for writing; nil where there is none, or one that is only begun.
    public static func identity(at path: String) throws(StoreError) -> String? {
        guard try StorePlace(path: path).isTaken() else { return nil }
        do {
            let queue = try DatabaseQueue(path: path, configuration: StoreFile.lookingOnly)
            return try queue.read { db in
                try db.tableExists("meta") ? String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'identity'") : nil
            }
        } catch {
            throw StoreError(error, path: path)
        }
    }
}
