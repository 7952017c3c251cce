import ArgumentParser
import Blocking
import Foundation
import JSONText
import RunModel
import Store

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the database into a new file, while the server runs or not.",
        discussion: """
            The copy is one moment's, looked through to its last page, and on its disk before it gets its name. Images and logs are not in
            it: they lie below DIR/sessions as files.
            """)

    @OptionGroup var place: AccountPlace
    @Option(help: "The file to make. (default: DIR/backups/gridpilot-YYYYMMDD-HHMMSS.sqlite, in UTC)") var to: String?

    func run() async throws {
        SessionFiles.private.applyToNewFiles()
        try backUp()
    }

    func backUp() throws {
        let directory = try place.directory()
        guard Files.exists(directory.database) else {
            throw CommandProblem.noStore(in: directory)
        }
        let file = to.map { URL(fileURLWithPath: $0).standardizedFileURL.path } ?? directory.backups.newFile(at: SystemTime.now())
        try BackupTarget(file: file, directory: directory).check()
        guard !Files.isTaken(file) else {
            throw CommandProblem("\(file) stands there already.", remedy: "Name another file with --to, or move that one away.")
        }
        if to == nil {
            try makeFolder(directory.backups.folder)
        }
        guard Files.isDirectory(Files.folder(of: file)) else {
            throw CommandProblem("There is no folder for \(file).", remedy: "Make it, or name another file with --to.")
        }
        Backups(folder: Files.folder(of: file)).removeDrafts()
        try RunStore.backUp(directory.database, to: file)
        Terminal.say("Backed up to \(file).")
        Self.note(file, in: directory)
    }

    /// A copy holds everything that the store does. One of an older version is left as it is: its server may be running.
    private static func note(_ file: String, in directory: DataDirectory) {
        guard RunStore.isCurrent(directory.database), !RunStore.isRestoring(directory.database) else {
            return Terminal.complain(
                "This is not in the audit log: the store is an older version's, or a backup waits to take its place.")
        }
        do {
            let store = try directory.openStore()
            let entry = AuditEntry(at: SystemTime.now(), by: .terminal, "backup", on: "", detail: ["backup": .string(file)])
            try store.append(audit: entry)
            try store.close()
        } catch {
            let cause = (error as? any Explained)?.sentence ?? "\(error)"
            Terminal.complain("This could not be written to the audit log. \(cause)")
        }
    }

    private func makeFolder(_ folder: String) throws(CommandProblem) {
        do throws(Errno) { try Files.makeDirectories(folder, permissions: 0o700) } catch {
            throw CommandProblem("The folder \(folder) cannot be made: \(error.words).", remedy: "Name a file with --to.")
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Puts a backup in the database's place. No server may run on the directory.",
        discussion:
            "The backup is looked through first. The database that stood there is kept beside it, and its new name is told.")

    @Argument(help: "A file that gridpilot backup made.") var file: String
    @OptionGroup var place: AccountPlace
    @Flag(help: "Restores where the store that was used with this configuration is not.") var new = false

    func run() async throws {
        SessionFiles.private.applyToNewFiles()
        try restore()
    }

    func restore() throws {
        let directory = try place.directory()
        let backup = URL(fileURLWithPath: file).standardizedFileURL.path
        guard Files.exists(backup) else {
            throw CommandProblem("There is no file \(backup).", remedy: "The backups of a directory are in DIR/backups.")
        }
        // An empty mount point is no place for it: the store may still be on the disk that belongs there.
        try place.config.map { try StoreMarker(configuration: $0, acceptsAny: new, act: "restore").check(directory) }
        try directory.prepare()
        let lock = try ServerLock(directory: directory.path)
        defer { lock.release() }
        let hold = try directory.holdStore()
        defer { withExtendedLifetime(hold) {} }
        // Asked before it is opened: SQLite makes an empty log for it.
        let lacksItsLog = RunStore.lacksItsLog(backup)
        let replaced = RunStore.auditHead(at: directory.database)?.text
        let kept = try RunStore.restore(backup, at: directory.database)
        Terminal.say("Restored \(backup).")
        if lacksItsLog { Terminal.complain(Self.logIsMissing(backup)) }
        if let kept { Terminal.say("The database that stood there is kept as \(kept).") }
        Terminal.say(
            "Sessions that went on since the backup was made are known as they were then: give grids that were imaged meanwhile to no new run."
        )
        note(backup, kept: kept, replaced: replaced, in: directory)
    }

    /// It is whole to look at: what is not in it stood in a file that was left behind.
    private static func logIsMissing(_ backup: String) -> CommandProblem {
        CommandProblem(
            "\(backup) was not made by gridpilot backup, and its log \(backup)-wal is not beside it: if it was copied while a server ran, what that "
                + "server wrote last is missing, accounts and exposures too.",
            remedy: "Where there is a copy of that log, lay it beside the file and restore once more.")
    }

    /// In the log that counts from now on, the backup's: what it ended with then is followed by this.
    private func note(_ backup: String, kept: String?, replaced: String?, in directory: DataDirectory) {
        do {
            // With the head of the log that ends here: what was in it is found in the database that is kept, and nowhere else.
            let detail: [String: JSONValue] = [
                "backup": .string(backup), "kept": kept.map(JSONValue.string) ?? .null,
                "replaced": replaced.map(JSONValue.string) ?? .null,
            ]
            let store = try directory.openStore()
            // The next start with this configuration expects what stands here now.
            let marker = place.config.map { StoreMarker(configuration: $0, acceptsAny: new) }
            if let problem = marker?.note(store, in: directory) { Terminal.complain(problem) }
            try store.append(audit: AuditEntry(at: SystemTime.now(), by: .terminal, "restore", on: "", detail: detail))
            try store.close()
        } catch {
            let cause = (error as? any Explained)?.sentence ?? "\(error)"
            Terminal.complain("This could not be written to the audit log. \(cause)")
        }
    }
}
