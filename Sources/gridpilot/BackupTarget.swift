import Blocking
import Glibc
import RunModel

/// Where a backup may go. A start of the server takes some names beside the store, and in its own folders, for what it has put there itself.
struct BackupTarget {
    let file: String
    let directory: DataDirectory

    func check() throws(CommandProblem) {
        let name = String(file.split(separator: "/").last ?? "")
        let folder = Self.real(Files.folder(of: file))
        let data = Self.real(directory.path)
        // Each is a part of the file whose name stands before it, to SQLite or to GridPilot.
        if Self.partEnds.contains(where: name.hasSuffix) || name.contains(".new-") {
            throw refusal("names a part of another file")
        }
        let isStores = name.hasPrefix("gridpilot.sqlite") || ["server.lock", "demo-password"].contains(name)
        if folder == data, isStores { throw refusal("is a name that the server uses itself") }
        for own in [directory.locks, directory.sessions].map(Self.real) where folder == own || folder.hasPrefix("\(own)/") {
            throw refusal("is in a folder that the server uses itself")
        }
    }

    private static let partEnds = ["-wal", "-shm", "-journal", ".restored"]

    private func refusal(_ reason: String) -> CommandProblem {
        CommandProblem(
            "\(file) \(reason).",
            remedy: "Name another file with --to, or leave it out: then the backup goes to \(directory.backups.folder).")
    }

    /// Whatever links lead there; as it is written where there is nothing.
    private static func real(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
