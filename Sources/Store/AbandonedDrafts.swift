import Blocking
import Glibc

/// What processes that have gone left half made beside stores and their copies: `NAME.new-PID`, and SQLite's own files beside that. Each may be a
/// whole store, with the accounts in it.
struct AbandonedDrafts {
    let folder: String
    /// The file that they were to become; nil: any `.sqlite`.
    let name: String?

    init(of path: String) {
        folder = Files.folder(of: path)
        name = String(path.dropFirst(folder == "/" ? 1 : folder.count + 1))
    }

    init(in folder: String) { (self.folder, name) = (folder, nil) }

    func paths() throws(Errno) -> [String] {
        try Files.names(in: folder).filter(isAbandoned).map { folder == "/" ? "/\($0)" : "\(folder)/\($0)" }
    }

    /// What cannot be removed harms nobody who works on the store.
    func remove() {
        for path in (try? paths()) ?? [] { unlink(path) }
    }

    private func isAbandoned(_ draft: String) -> Bool {
        guard let mark = draft.ranges(of: ".new-").last else { return false }
        let wanted = draft[..<mark.lowerBound]
        guard name.map({ wanted == $0 }) ?? wanted.hasSuffix(".sqlite") else { return false }
        let digits = draft[mark.upperBound...].prefix { "0"..."9" ~= $0 }
        guard ["", "-journal", "-wal", "-shm"].contains(draft[digits.endIndex...]) else { return false }
        guard let process = Int32(digits), process > 0 else { return false }
        // This process makes one at a time, so a draft that bears its number is an earlier one's.
        return process == getpid() || kill(process, 0) != 0 && errno == ESRCH
    }
}

extension RunStore {
    /// Removes from a folder of backups what was left there by copying that was cut short.
    public static func removeAbandonedDrafts(in folder: String) { AbandonedDrafts(in: folder).remove() }
}
