import Blocking
import Glibc
import RunModel

/// A backup on its way into a store's place.
///
/// First it stands beside it, whole, under a name that every opening looks for: from then on it is decided, and whoever opens the store next
/// carries it through to the end, however often that is cut short. SQLite takes any log beside a file for its own, so the old file and its
/// log leave together, under a name that both have in common.
struct StoreRestore {
    let path: String
    /// Asked before each renaming: a test ends the process there.
    var before: () throws(Errno) -> Void = { () throws(Errno) in }

    private var waiting: String { "\(path).restored" }
    var isWaiting: Bool { Files.isTaken(waiting) }

    func prepare(_ backup: String) throws(StoreError) {
        // An earlier one that was cut short may have moved the old file away already.
        try finish()
        try StoreCopy(source: backup, target: waiting).make()
    }

    /// Returns the name under which the file that stood there is kept; nil where none did. Only a store takes a store's place: anything else that
    /// bears that name is refused, and nothing is moved.
    @discardableResult
    func finish() throws(StoreError) -> String? {
        guard let there = Files.status(waiting, followsLinks: false) else { return nil }
        guard there.type == .regular else { throw .foreign(path: waiting) }
        let file: FileDescriptor
        do throws(Errno) {
            file = try Files.inSystemWords {
                try FileDescriptor.open(waiting, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
            }
        } catch {
            // Somebody else has carried it through.
            if error == .noSuchFileOrDirectory { return nil }
            throw StoreError(system: error, path: waiting)
        }
        do {
            return try file.closeAfter { try carryThrough(file) }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    private func carryThrough(_ file: FileDescriptor) throws -> String? {
        // Another process may do so at the same time; a share without locks has one that restores, by hand.
        _ = flock(file.rawValue, LOCK_EX)
        guard let mine = Files.status(waiting, followsLinks: false), try mine.inode == file.stat().inode else { return nil }
        guard try isStore() else { throw StoreError.foreign(path: waiting) }
        return try exchange()
    }

    private func isStore() throws(StoreError) -> Bool {
        do throws(StoreError) { return try RunStore.identity(at: waiting) != nil } catch {
            // Of as little use as one of another program, and to be moved away as well.
            if case .damaged = error { return false }
            throw error
        }
    }

    /// Of a restoring that was cut short before its copy was whole.
    func removeDrafts() { AbandonedDrafts(of: waiting).remove() }

    private func exchange() throws(Errno) -> String? {
        let kept = try keptName()
        for end in ["-wal", "-shm", "-journal", ""] where Files.isTaken(path + end) {
            try before()
            try Files.rename(path + end, to: kept + end)
        }
        try before()
        try Files.rename(waiting, to: path)
        try Files.settle(folder: Files.folder(of: path))
        return Files.isTaken(kept) ? kept : nil
    }

    /// The same each time that one restoring is gone on with: told by the file that waits.
    private func keptName() throws(Errno) -> String {
        var status = stat()
        try Files.retried { stat(waiting, &status) }
        let made = Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1000).description.prefix(19)
        let digits = made.split(separator: "T").map { $0.filter(\.isNumber) }.joined(separator: "-")
        return "\(path).before-\(digits)-\(status.st_ino)"
    }
}

/// A backup that stood ready under `NAME.restored` and was put into the store's place by whoever opened it next.
public struct CarriedRestore: Hashable, Sendable {
    /// Under which the file that stood there is kept; nil where none did.
    public var kept: String?
}

extension StoreRestore {
    /// For an opening: nil where nothing waited.
    func carry() throws(StoreError) -> CarriedRestore? {
        guard isWaiting else { return nil }
        let kept = try finish()
        // Somebody else may have carried it through, and tells of it.
        return isWaiting ? nil : CarriedRestore(kept: kept)
    }
}

extension RunStore {
    /// Puts a copy of `backup` in the store's place, once it has been looked through. What stood there is kept beside it, under the name that
    /// is returned. For whoever holds the directory: no server may run on it.
    public static func restore(_ backup: String, at path: String) throws(StoreError) -> String? {
        let restore = StoreRestore(path: path)
        try restore.prepare(backup)
        return try restore.finish()
    }

    /// Whether a backup waits to take the store's place: the next opening puts it there.
    public static func isRestoring(_ path: String) -> Bool { StoreRestore(path: path).isWaiting }
}
