import Blocking
import Glibc

/// What processes that have gone left half made beside stores and their copies: `NAME.new-PID`, of copies `NAME.gridpilot.new-PID`, and SQLite's own
/// files beside that. Each may be a whole store, with the accounts in it.
struct AbandonedDrafts {
    let folder: String
    /// Before `.new-PID` in a copy's draft.
    static let mark = ".gridpilot"
    /// The file that they were to become; nil: any copy, and any `.sqlite`.
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
        let isWanted =
            name.map { wanted == $0 || wanted == $0 + Self.mark } ?? [Self.mark, ".sqlite"].contains(where: wanted.hasSuffix)
        guard isWanted else { return false }
        let digits = draft[mark.upperBound...].prefix { "0"..."9" ~= $0 }
        guard ["", "-journal", "-wal", "-shm"].contains(draft[digits.endIndex...]) else { return false }
        guard let process = Int32(digits), process > 0 else { return false }
        // This process makes one at a time, so a draft that bears its number is an earlier one's.
        guard process == getpid() || kill(process, 0) != 0 && errno == ESRCH else { return false }
        // A number that nobody bears here may be somebody's in another container, or on another machine.
        let whole = "\(folder)/\(draft[..<digits.endIndex])"
        // What is no file of its own nobody holds, and a log goes with its draft.
        guard Files.status(whole, followsLinks: false)?.type == .regular else { return true }
        return OpenFileLock.draft.isFree(whole)
    }
}

extension RunStore {
    /// Removes from a folder of backups what was left there by copying that was cut short.
    public static func removeAbandonedDrafts(in folder: String) { AbandonedDrafts(in: folder).remove() }
}
