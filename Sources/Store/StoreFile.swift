import Foundation
import GRDB

/// The file behind a store: looked at before it is touched.
struct StoreFile {
    let path: String

    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        return configuration
    }

    func open() throws(StoreError) -> DatabasePool {
        try checkDirectory()
        try checkContents()
        do {
            let pool = try DatabasePool(path: path, configuration: Self.configuration)
            // GRDB chooses NORMAL for WAL, which loses acknowledged transactions when the power fails.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try Schema.migrator.migrate(pool)
            return pool
        } catch {
            throw StoreError(error, path: path)
        }
    }

    private func checkDirectory() throws(StoreError) {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw .missingDirectory(path: path)
        }
        let asked = FileManager.default.fileExists(atPath: path) ? [path, directory] : [directory]
        guard asked.allSatisfy(FileManager.default.isWritableFile) else { throw .readOnly(path: path) }
    }

    /// Looks without writing: opening for writing would change the header of another program's file.
    private func checkContents() throws(StoreError) {
        guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int, size > 0 else {
            return  // No file yet, or an empty one: both become a new store.
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: Self.lookingOnly)
            defer { try? queue.close() }  // Nothing was written; an open handle would be closed with the queue anyway.
            try queue.read { db in
                let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
                let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
                guard tables == 0 || application == Schema.applicationID else { throw StoreError.foreign(path: path) }
                guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreError.newer(path: path) }
            }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    static var lookingOnly: Configuration {
        var configuration = configuration
        configuration.readonly = true
        return configuration
    }
}
