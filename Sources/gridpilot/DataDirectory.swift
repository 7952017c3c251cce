import Blocking
import Foundation
import JSONText
import RunModel
import Store

/// The directory that holds everything a server keeps.
struct DataDirectory {
    /// Absolute, without a slash at its end.
    let path: String

    init(_ path: String) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    var database: String { "\(path)/gridpilot.sqlite" }
    var locks: String { "\(path)/locks" }
    var sessions: String { "\(path)/sessions" }
    var backups: Backups { Backups(folder: "\(path)/backups") }

    /// For the one server that works on the store, or whoever puts another in its place.
    func holdStore() throws(CommandProblem) -> StoreHold {
        guard let hold = StoreHold(of: database) else { throw ServerLock.held(path) }
        return hold
    }

    /// Makes what is missing of it.
    func prepare() throws(CommandProblem) {
        let isNew = !Files.exists(path)
        for directory in [path, locks, sessions] {
            do throws(Errno) { try make(directory) } catch {
                if error == .noSpace || error == .diskQuotaExceeded { throw .full(directory) }
                let reason = error == .fileExists ? "its name is taken by something else" : error.words
                throw CommandProblem(
                    "The data directory \(directory) cannot be made: \(reason).",
                    remedy: "Name a directory that may be written to with --data.")
            }
            guard access(directory, W_OK | X_OK) == 0 else {
                throw CommandProblem(
                    "The data directory \(directory) cannot be written to: \(Errno.last.words).",
                    remedy: "Change its owner or its rights, or name another with --data.")
            }
        }
        // What is told to be kept must not go with the directory's own name when the power fails. Some disks know of no such order.
        if isNew { for folder in [path, Files.folder(of: path)] { try? Files.settle(folder: folder) } }
    }

    /// Whoever may write in the directory itself, or above it, may put another store in its place: with accounts of their own in it. So the group
    /// gets through to the sessions and writes there alone.
    private func make(_ directory: String) throws(Errno) {
        switch directory {
        case sessions: try Files.makeDirectories(directory)
        case locks: try Files.makeDirectories(directory, permissions: 0o700)
        default:
            let above = Files.folder(of: directory)
            if above != directory, !Files.exists(above) { try make(above) }
            try Files.makeDirectories(directory, permissions: directory == path ? 0o710 : 0o755)
        }
    }

    /// `warn` hears of a backup that this opening put in the store's place: it is in the audit log as well.
    func openStore(warn: (CommandProblem) -> Void = { Terminal.complain($0) }) throws -> RunStore {
        let store = try usableStore()
        guard let restored = store.restored else { return store }
        let kept = restored.kept.map { "; the one that stood there is kept as \($0)" } ?? ""
        warn(CommandProblem("The database that waited as \(database).restored was put in place\(kept).", remedy: nil))
        let detail: [String: JSONValue] = [
            "backup": .string("\(database).restored"), "kept": restored.kept.map(JSONValue.string) ?? .null,
        ]
        do throws(StoreError) {
            try store.append(audit: AuditEntry(at: SystemTime.now(), by: .terminal, "restore", on: "", detail: detail))
        } catch {
            warn(CommandProblem("This could not be written to the audit log. \(error.sentence)", remedy: error.remedy))
        }
        return store
    }

    /// A store that cannot be used is left as it is, and the last backup that can is named.
    private func usableStore() throws -> RunStore {
        do throws(StoreError) { return try RunStore.open(at: database) } catch {
            switch error {
            // What stands beside the store is to be moved away; the store itself may be whole.
            case .foreign(let path) where path != database: throw error
            case .damaged, .newer, .unreadable, .foreign:
                guard let backup = backups.newestWhole() else { throw error }
                throw CommandProblem(
                    error.sentence,
                    remedy: "\(error.remedy ?? "") The last whole backup is \(backup); "
                        + "gridpilot restore \(backup) --data \(path) brings it back and keeps the file aside.")
            default: throw error
            }
        }
    }
}

extension CommandProblem {
    static func noStore(in directory: DataDirectory) -> CommandProblem {
        CommandProblem(
            "There is no GridPilot database in \(directory.path).",
            remedy: "Name the server's directory with --data, or its configuration file with --config.")
    }

    static func full(_ path: String) -> CommandProblem {
        CommandProblem("The disk that holds \(path) is full.", remedy: "Free space on that disk, then start again.")
    }
}
