import Blocking
import Foundation
import Store
import Testing

@testable import gridpilot

@Suite struct BackupTargetTests {
    @Test(arguments: [
        "gridpilot.sqlite.restored", "gridpilot.sqlite-journal", "gridpilot.sqlite-wal", "gridpilot.sqlite.before-1",
        "server.lock",
        "locks/x.lock", "sessions/x.sqlite", "sessions/demo/x.sqlite", "linked/x.sqlite", "backups/x.sqlite-journal",
        "backups/x.sqlite.new-12", "../elsewhere/gridpilot.sqlite.restored", "./sessions/../gridpilot.sqlite.restored",
    ]) func `a name that the data directory uses itself is refused, with another place`(name: String) throws {
        let (folder, data) = try Self.directory()
        defer { withExtendedLifetime(folder) {} }
        let file = URL(fileURLWithPath: "\(data.path)/\(name)").standardizedFileURL.path
        let problem = #expect(throws: CommandProblem.self) { try BackupTarget(file: file, directory: data).check() }
        #expect(problem?.sentence.hasPrefix(file) == true && problem?.remedy?.contains("--to") == true)
    }

    @Test(arguments: ["backups/x.sqlite", "x.sqlite", "../gridpilot.sqlite", "../elsewhere/backup.db", "backups/new/x.sqlite"])
    func `any other name may be a backup's`(name: String) throws {
        let (folder, data) = try Self.directory()
        defer { withExtendedLifetime(folder) {} }
        let file = URL(fileURLWithPath: "\(data.path)/\(name)").standardizedFileURL.path
        try BackupTarget(file: file, directory: data).check()
    }

    @Test func `a backup that an opening puts in the store's place is told of and written down, once`() throws {
        let (folder, data) = try Self.directory()
        try RunStore.open(at: data.database).close()
        try RunStore.backUp(data.database, to: "\(folder.path)/backup.sqlite")
        try Files.rename("\(folder.path)/backup.sqlite", to: "\(data.database).restored")
        for expected in [1, 0] {
            var told: [CommandProblem] = []
            let store = try data.openStore { told.append($0) }
            #expect(told.count == expected)
            #expect(
                told.allSatisfy {
                    $0.sentence.hasPrefix("The database that waited as \(data.database).restored was put in place; ")
                })
            #expect(try store.audit(AuditFilter(act: "restore"), limit: 10).count == 1)
            try store.close()
        }
    }

    private static func directory() throws -> (Folder, DataDirectory) {
        let folder = try Folder()
        let data = DataDirectory("\(folder.path)/data")
        try data.prepare()
        for name in ["sessions/demo", "backups/new", "../elsewhere"] {
            try FileManager.default.createDirectory(atPath: "\(data.path)/\(name)", withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(atPath: "\(data.path)/linked", withDestinationPath: data.sessions)
        return (folder, data)
    }
}
