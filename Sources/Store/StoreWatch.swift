import Blocking
import Glibc

/// The files that a store works on, by what they are and not by their names: SQLite would go on writing into files that nobody can find any
/// more, and everything would be lost with the process.
struct StoreWatch: Sendable {
    private struct Mark: Hashable, Sendable {
        var device: UInt64
        var number: UInt64
    }
    private let path: String
    /// The store itself first: its name is the one that says most.
    private let opened: [(file: String, mark: Mark)]

    /// As they stand now; of a store that has just been opened and read, so that its log is there as well.
    init(path: String) throws(StoreError) {
        self.path = path
        let log = "\(path)-wal"
        do throws(Errno) {
            let store = (path, try Self.mark(path))
            // There is none where nothing is written to a log.
            opened = [store] + ((try? Self.mark(log)).map { [(log, $0)] } ?? [])
        } catch {
            throw StoreError(system: error, path: path)
        }
    }

    /// Asks the disk, twice; throws unless the same files stand where they were.
    func check() throws(StoreError) {
        for (file, mark) in opened {
            let found: Mark
            do throws(Errno) { found = try Self.mark(file) } catch {
                if error == .noSuchFileOrDirectory || error == .notDirectory { throw .gone(path: file, another: false) }
                throw StoreError(system: error, path: path)
            }
            guard found == mark else { throw .gone(path: file, another: true) }
        }
    }

    private static func mark(_ path: String) throws(Errno) -> Mark {
        var status = stat()
        try Files.retried { stat(path, &status) }
        return Mark(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }
}
