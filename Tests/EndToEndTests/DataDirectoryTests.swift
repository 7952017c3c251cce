import Foundation
import TestSupport
import Testing

extension EndToEndTests {
    /// What happens to a data directory around its server.
    @Suite struct DataDirectoryTests {
        @Test func `a backup is made while the server runs, and restored only when none does`() async throws {
            let folder = try TemporaryFolder()
            let (data, backup) = (folder.path(of: "data"), folder.path(of: "backup.sqlite"))
            let server = try await ServerProcess(data: data)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("kept", grids: 1)
            #expect(try await Program.run(["backup", "--data", data, "--to", backup]).code == 0)
            let later = try await person.smallSession("later", grids: 1)
            let refused = try await Program.run(["restore", backup, "--data", data])
            #expect(refused.code == 1)
            #expect(refused.complaint.hasPrefix("Another GridPilot server uses \(data)"))
            #expect(try await server.end(by: SIGTERM) == 0)

            #expect(try await Program.run(["restore", backup, "--data", data]).code == 0)
            let again = try await ServerProcess(data: data)
            let back = try await Visitor("operator", on: again)
            #expect(try await back.status(of: session) == "ready")
            #expect(try await back.get("/api/sessions/\(later)").status == 404)
        }

        @Test func `a store has one server, and is not replaced under it, whatever was removed beside it`() async throws {
            let folder = try TemporaryFolder()
            let (data, backup) = (folder.path(of: "data"), folder.path(of: "backup.sqlite"))
            let server = try await ServerProcess(data: data)
            let person = try await Visitor("operator", on: server)
            #expect(try await Program.run(["backup", "--data", data, "--to", backup]).code == 0)
            for act in [["serve", "--demo", "--listen", "127.0.0.1:0"], ["restore", backup]] {
                try FileManager.default.removeItem(atPath: "\(data)/server.lock")
                try FileManager.default.removeItem(atPath: "\(data)/locks")
                let refused = try await Program.run(act + ["--data", data])
                #expect(refused.code == 1 && refused.complaint.contains("Another GridPilot server uses \(data)"), "\(refused)")
            }
            // A backup that waits is put in place by a start that has the store, and by no other.
            try FileManager.default.copyItem(atPath: backup, toPath: "\(data)/gridpilot.sqlite.restored")
            try FileManager.default.removeItem(atPath: "\(data)/server.lock")
            try FileManager.default.removeItem(atPath: "\(data)/locks")
            #expect(try await Program.run(["serve", "--demo", "--listen", "127.0.0.1:0", "--data", data]).code == 1)
            #expect(FileManager.default.fileExists(atPath: "\(data)/gridpilot.sqlite.restored"))
            // The first one goes on unharmed.
            let session = try await person.smallSession("kept", grids: 1)
            #expect(try await person.status(of: session) == "ready")
            #expect(try await server.end(by: SIGTERM) == 0)
        }

        @Test func `a backup leaves a store of an older version as it is`() async throws {
            let folder = try TemporaryFolder()
            let data = folder.path(of: "data")
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            let old = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "StoreTests/Resources/schema-5.sqlite")
            try FileManager.default.copyItem(atPath: old.path, toPath: "\(data)/gridpilot.sqlite")
            let made = try await Program.run(["backup", "--data", data, "--to", folder.path(of: "backup.sqlite")])
            #expect(made.code == 0 && made.complaint.hasPrefix("This is not in the audit log: "), "\(made)")
            #expect(try Data(contentsOf: URL(filePath: "\(data)/gridpilot.sqlite")) == Data(contentsOf: old))
        }

        @Test func `a data directory that is taken away is refused by every command, and taken up when it is back`() async throws
        {
            let folder = try TemporaryFolder()
            let data = folder.path(of: "data")
            let server = try await ServerProcess(data: data)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("homeless", grids: 1)
            try FileManager.default.moveItem(atPath: data, toPath: "\(data).away")
            let refused = try await person.start(session)
            #expect(refused.status == 503)
            // Nothing is made in its place.
            #expect(!FileManager.default.fileExists(atPath: data))
            let ready = try await person.get("/readyz")
            #expect(ready.status == 503)
            #expect(ready.json["parts"]?["store"]?.text == "store.gone")
            try FileManager.default.moveItem(atPath: "\(data).away", toPath: data)
            let page = try await person.watch("session/\(session)")
            #expect(try await person.start(session).status == 202)
            #expect(try await person.carryToTheEnd(session, on: page) == "runCompleted")
        }

        @Test func `a copy of the store's file alone is restored with a word about what may be missing`() async throws {
            let folder = try TemporaryFolder()
            let (data, copy) = (folder.path(of: "data"), folder.path(of: "copy.sqlite"))
            let server = try await ServerProcess(data: data)
            try FileManager.default.copyItem(atPath: "\(data)/gridpilot.sqlite", toPath: copy)
            #expect(try await server.end(by: SIGTERM) == 0)
            let restored = try await Program.run(["restore", copy, "--data", data])
            #expect(restored.code == 0)
            #expect(restored.complaint.contains("its log \(copy)-wal is not beside it"))
            #expect(try await Program.run(["backup", "--data", data, "--to", "\(copy).whole"]).code == 0)
            #expect(try await Program.run(["restore", "\(copy).whole", "--data", data]).complaint.isEmpty)
        }

        @Test func `the demo begins anew beside the folders of a store that is gone`() async throws {
            let folder = try TemporaryFolder()
            let data = folder.path(of: "data")
            for _ in 1...2 {
                let server = try await ServerProcess(data: data)
                #expect(try await server.end(by: SIGTERM) == 0)
                for name in try FileManager.default.contentsOfDirectory(atPath: data) where name.hasPrefix("gridpilot.sqlite") {
                    try FileManager.default.removeItem(atPath: "\(data)/\(name)")
                }
            }
            let sessions = try FileManager.default.contentsOfDirectory(atPath: "\(data)/sessions/demo")
            #expect(sessions.count == 4)
        }

        @Test func `an empty mount point is refused, and nothing is made in it`() async throws {
            let folder = try TemporaryFolder()
            let (data, config) = (folder.path(of: "data"), folder.path(of: "site.yaml"))
            try "log: warning".write(toFile: config, atomically: true, encoding: .utf8)
            let server = try await ServerProcess(data: data, config: config)
            #expect(try await server.end(by: SIGTERM) == 0)
            try FileManager.default.moveItem(atPath: data, toPath: "\(data).away")
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            let refused = try await Program.run(["serve", "--data", data, "--config", config, "--listen", "127.0.0.1:0"])
            #expect(refused.code == 1)
            #expect(refused.complaint.contains("is its disk mounted?"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: data).isEmpty)
        }
    }
}
