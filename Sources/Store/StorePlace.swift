import Blocking
import Glibc

/// What stands where a store belongs, looked at before SQLite opens it: SQLite would wait at a pipe for ever, take a device for an empty file, and
/// make a store where a link leads.
struct StorePlace {
    let path: String

    /// Whether there is something to open. False where a new store may be made: where nothing stands, or an empty file of its own.
    func isTaken() throws(StoreError) -> Bool {
        do {
            let there = try Self.facts(path)
            guard there?.kind == S_IFLNK else { return try isTaken(by: there) }
            guard let file = try Self.facts(path, followsLinks: true) else {
                throw StoreError.leadsNowhere(path: path, target: try Files.linkTarget(path) ?? "another place")
            }
            // A new store in the place of an empty file would have the link's name, and stand where the link was made to lead away from.
            guard file.kind == S_IFREG, file.bytes > 0 else { throw StoreError.foreign(path: path) }
            try Self.checkLogs(of: real)
            return true
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// SQLite keeps its log beside the file itself, wherever links lead to it from.
    var real: String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private func isTaken(by there: Facts?) throws -> Bool {
        // A file that has two names may be somebody else's under the other.
        if let there, there.kind != S_IFREG || there.bytes == 0 && there.names > 1 { throw StoreError.foreign(path: path) }
        try Self.checkLogs(of: path)
        return there.map { $0.bytes > 0 } ?? false
    }

    private static func checkLogs(of file: String) throws {
        for log in ["-journal", "-wal", "-shm"].map({ file + $0 }) {
            if let there = try facts(log), there.kind != S_IFREG { throw StoreError.foreign(path: log) }
        }
    }

    private struct Facts {
        var kind: mode_t
        var bytes: Int
        var names: Int
    }

    /// Nil where nothing is.
    private static func facts(_ path: String, followsLinks: Bool = false) throws(Errno) -> Facts? {
        var status = stat()
        do throws(Errno) { try Files.retried { followsLinks ? stat(path, &status) : lstat(path, &status) } } catch {
            guard error == .noSuchFileOrDirectory else { throw error }
            return nil
        }
        return Facts(kind: status.st_mode & S_IFMT, bytes: Int(status.st_size), names: Int(status.st_nlink))
    }
}
