import Foundation
import JSONText
import TestSupport
import Testing

extension EndToEndTests {
    @Suite struct CrashTests {
        @Test func `after kill -9 the session is interrupted, its lock is freed, and Start completes it`() async throws {
            let folder = try TemporaryFolder()
            let crashed = try await CrashedServer(folder, session: "crashed")
            #expect(crashed.server.hasLockFile)

            let server = try await ServerProcess(data: folder.path)
            let person = try await Visitor("operator", on: server)
            #expect(try await person.status(of: crashed.session) == "interrupted")
            let page = try await person.watch("session/\(crashed.session)")
            #expect(try await person.start(crashed.session).status == 202)
            #expect(try await person.carryToTheEnd(crashed.session, on: page) == "runCompleted")
            #expect(!server.hasLockFile)
        }

        @Test(arguments: Dirt.allCases)
        func `a lock file without a living holder is cured by the next start`(_ dirt: Dirt) async throws {
            let folder = try TemporaryFolder()
            let crashed = try await CrashedServer(folder, session: "dirty")
            let server = try await ServerProcess(data: folder.path)
            try dirt.smear(server.lockFile(), from: crashed.lock)
            let person = try await Visitor("operator", on: server)
            let page = try await person.watch("session/\(crashed.session)")
            #expect(try await person.start(crashed.session).status == 202)
            #expect(try await person.carryToTheEnd(crashed.session, on: page) == "runCompleted")
        }

        @Test(arguments: Dirt.allCases)
        func `Remove scope lock file clears a lock without a living holder`(_ dirt: Dirt) async throws {
            let folder = try TemporaryFolder()
            let crashed = try await CrashedServer(folder, session: "dirty")
            let server = try await ServerProcess(data: folder.path)
            try dirt.smear(server.lockFile(), from: crashed.lock)
            let member = try await Visitor("operator", on: server)
            #expect(try await member.post("/api/microscopes/demo-scope/remove-lock").status == 403)
            #expect(server.hasLockFile)
            let staff = try await Visitor("staff", on: server)
            #expect(try await staff.post("/api/microscopes/demo-scope/remove-lock").status == 202)
            #expect(!server.hasLockFile)
        }

        @Test func `Force start cures a status without a holder, and is refused while the run lives`() async throws {
            let folder = try TemporaryFolder()
            let crashed = try await CrashedServer(folder, session: "dirty")
            let server = try await ServerProcess(data: folder.path, speed: 60)
            let staff = try await Visitor("staff", on: server)
            let page = try await staff.watch("session/\(crashed.session)")
            #expect(try await staff.post("/api/sessions/\(crashed.session)/force-start").status == 202)
            _ = try await page.next("runStarted")
            for path in ["sessions/\(crashed.session)/force-start", "microscopes/demo-scope/remove-lock"] {
                let refused = try await staff.post("/api/\(path)")
                #expect(refused.status == 409)
                #expect(refused.code == "scopeLock.living")
            }
            #expect(try await staff.post("/api/sessions/\(crashed.session)/force-kill").status == 202)
            #expect(try await staff.status(of: crashed.session) == "killed")
            #expect(!server.hasLockFile)
        }

        @Test func `a start under a living holder's lock file is refused with who holds it`() async throws {
            let folder = try TemporaryFolder()
            let other = try await ServerProcess(data: folder.path(of: "other"), speed: 60)
            let rival = try await Visitor("operator", on: other)
            let running = try await rival.smallSession("rival", grids: 1)
            let rivalPage = try await rival.watch("session/\(running)")
            #expect(try await rival.start(running).status == 202)
            _ = try await rivalPage.next("gridStarted")

            let server = try await ServerProcess(data: folder.path(of: "own"))
            try FileManager.default.copyItem(atPath: other.lockFile(), toPath: server.lockFile())
            let person = try await Visitor("operator", on: server)
            let session = try await person.demoSession()
            let refused = try await person.start(session)
            #expect(refused.status == 409)
            #expect(refused.code == "scopeLock.held")
            #expect(refused.json["sentence"]?.text?.contains("operator is running session rival") == true)
            let log = try await person.get("/api/sessions/\(session)/logs/imaging").json
            let lines = log["items"]?.items?.compactMap { $0.found("message")?.text ?? $0["line"]?["message"]?.text } ?? []
            #expect(lines.contains { $0.contains("Start by operator was refused") })
            // The living holder lived until here.
            #expect(try await other.end(by: SIGTERM) == 0)
        }
    }

    /// What an accident may leave in a lock file.
    enum Dirt: String, CaseIterable, Sendable {
        case deadProcess, reusedPid, otherBoot, nonsense

        func smear(_ path: String, from lock: JSONValue) throws {
            var lock = lock
            switch self {
            case .deadProcess, .nonsense: break
            case .reusedPid: lock["pid"] = .integer(Int(getpid()))
            case .otherBoot: lock["bootID"] = "00000000-0000-0000-0000-000000000000"
            }
            let text = self == .nonsense ? "{\"session\":" : JSONText.write(lock)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
    }
}

/// A server that was killed while a run held the microscope.
struct CrashedServer {
    let server: ServerProcess
    let session: String
    /// What its lock file said.
    let lock: JSONValue

    init(_ folder: TemporaryFolder, session name: String) async throws {
        server = try await ServerProcess(data: folder.path, speed: 60)
        let person = try await Visitor("operator", on: server)
        session = try await person.smallSession(name, grids: 1)
        let page = try await person.watch("session/\(session)")
        #expect(try await person.start(session).status == 202)
        _ = try await page.next("gridStarted")
        lock = try JSONText.parse(Array(Data(contentsOf: URL(fileURLWithPath: server.lockFile()))))
        #expect(try await server.end(by: SIGKILL) == -SIGKILL)
    }
}
