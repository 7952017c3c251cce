import Blocking
import Foundation
import GRDB
import Glibc
import RunModel

/// The file behind a store: looked at before it is touched.
struct StoreFile {
    let path: String

    /// More connections than a server has threads that read: those of pages (four), of downloads, of logs, of the engine, of accounts, of the audit log
    /// (three) and of the watch over the file. A reading that hangs keeps its connection until its disk answers, and whoever finds none left waits
    /// for one without a deadline; so no part may take another's.
    static let readers = 13

    static var configuration: Configuration {
        SystemReason.listen
        var configuration = Configuration()
        // Shorter than whoever calls waits for the disk (`StoreLane`): so the cause that is told is the lock, and not a disk.
        configuration.busyMode = .timeout(3)
        configuration.maximumReaderCount = readers
        return configuration
    }

    static var lookingOnly: Configuration {
        var configuration = configuration
        configuration.readonly = true
        return configuration
    }

    func open() throws(StoreError) -> (pool: DatabasePool, restored: CarriedRestore?) {
        try checkDirectory()
        let restored = try StoreRestore(path: path).carry()
        StoreRestore(path: path).removeDrafts()
        try NewStoreFile(path: path, identity: UUID().uuidString).make()
        try checkContents()
        do {
            let pool = try DatabasePool(path: path, configuration: Self.configuration)
            // GRDB chooses NORMAL for WAL, which loses acknowledged transactions when the power fails.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try Schema.migrator.migrate(pool)
            return (pool, restored)
        } catch {
            throw reason(of: error)
        }
    }

    private func checkDirectory() throws(StoreError) {
        let folder = Files.folder(of: path)
        guard Files.isDirectory(folder) else { throw .missingDirectory(path: path) }
        for place in Files.exists(path) ? [path, folder] : [folder] where access(place, W_OK) != 0 {
            throw StoreError(Errno.last, path: path)
        }
    }

    /// Looks without writing: opening for writing would change the header of another program's file.
    private func checkContents() throws(StoreError) {
        do {
            do {
                try look(Self.lookingOnly, for: Self.quickBytes)
            } catch let error as DatabaseError where hasJournal && error.resultCode != .SQLITE_CORRUPT {
                // Whoever wrote it last was cut short. Only somebody who may write can take that back, as any program would.
                try look(Self.configuration, for: Self.quickBytes)
            }
        } catch {
            throw reason(of: error)
        }
    }

    // One that cannot be measured is SQLite's to judge.
    private var hasJournal: Bool { Files.exists("\(path)-journal") && (try? Files.size("\(path)-journal")) != 0 }

    /// What is looked through at each start: a quarter of a second's work at most. A larger file is the doctor's.
    private static let quickBytes = 64_000_000

    /// Looked through to its last page; nil when it is whole.
    func problem() -> StoreError? {
        do {
            try look(Self.lookingOnly, for: .max)
            return nil
        } catch {
            return StoreError(error, path: path)
        }
    }

    private func look(_ configuration: Configuration, for bytes: Int) throws {
        guard try StorePlace(path: path).isTaken() else { throw StoreError.foreign(path: path) }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }  // Nothing was written; an open handle would be closed with the queue anyway.
        try queue.read { db in
            let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            guard try application == Schema.applicationID || isUnbegun(db) else { throw StoreError.foreign(path: path) }
            guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreError.newer(path: path) }
            if let name = try AuditSchema.foreignTrigger(db) {
                throw StoreError.damaged(
                    path: path, detail: "its trigger \(ForeignText.line(name, longest: 100)) is not GridPilot's")
            }
            guard try Files.size(path) <= bytes else { return }
            let pages = try String.fetchAll(db, sql: "PRAGMA \(bytes == .max ? "integrity_check" : "quick_check")(1)")
            if let problem = pages.first(where: { $0 != "ok" }) { throw StoreError.damaged(path: path, detail: problem) }
        }
    }

    /// A file without tables, or with the one alone in which migrations are written down: a store whose first start was cut short.
    private func isUnbegun(_ db: Database) throws -> Bool {
        guard try String.fetchAll(db, sql: "SELECT tbl_name FROM sqlite_master").allSatisfy({ $0 == "grdb_migrations" }) else {
            return false
        }
        return try !db.tableExists("grdb_migrations") || Int.fetchOne(db, sql: "SELECT count(*) FROM grdb_migrations") == 0
    }

    /// Where SQLite does not say what kept it from opening a file, the disk is asked by trying what it would have done.
    private func reason(of error: any Error) -> StoreError {
        let problem = StoreError(error, path: path)
        switch (error as? DatabaseError)?.resultCode {
        // A file that could not be made is asked for once more to be read alone; so a full disk may show as a missing right.
        case .SQLITE_CANTOPEN, .SQLITE_IOERR, .SQLITE_READONLY:
            if case .refused = problem { break }
            guard case .readOnly = problem else { return problem }
        default: return problem
        }
        let probe = "\(path).probe-\(getpid())"
        defer { unlink(probe) }
        do throws(Errno) {
            // As much as SQLite's index of the log, the largest of what is made at an opening.
            try Files.write([UInt8](repeating: 0, count: 1 << 15), to: probe, permissions: .ownerReadWrite)
        } catch {
            return StoreError(system: error, path: path)
        }
        // The disk takes it now, and every right is there.
        return .disk(path: path, reason: "a file beside it could not be made")
    }
}
