import Foundation
import TestSupport
import Testing

extension EndToEndTests {
    @Suite struct ShutdownTests {
        @Test func `a second server on the same directory is refused in a sentence`() async throws {
            let folder = try TemporaryFolder()
            let server = try await ServerProcess(data: folder.path)
            let second = try await Program.run(["serve", "--demo", "--data", folder.path, "--listen", "127.0.0.1:0"])
            #expect(second.code == 1)
            #expect(second.complaint.hasPrefix("Another GridPilot server uses \(folder.path) (process \(server.pid))."))
        }

        @Test func `a port in use is refused in a sentence, and leaves the directory free`() async throws {
            let folder = try TemporaryFolder()
            let server = try await ServerProcess(data: folder.path(of: "first"))
            let address = "127.0.0.1:\(server.port)"
            let second = try await Program.run(["serve", "--data", folder.path(of: "second"), "--listen", address])
            #expect(second.code == 1)
            #expect(second.complaint.contains("cannot listen on \(address)"))
            #expect(try await server.end(by: SIGTERM) == 0)
            let third = try await ServerProcess(data: folder.path(of: "second"))
            #expect(try await third.end(by: SIGTERM) == 0)
        }

        @Test func `SIGTERM in the middle of a run ends it in order, and Start goes on`() async throws {
            let folder = try TemporaryFolder()
            let server = try await ServerProcess(data: folder.path, speed: 60)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("stopped", grids: 1)
            let page = try await person.watch("session/\(session)")
            #expect(try await person.start(session).status == 202)
            _ = try await page.next("gridStarted")
            #expect(server.hasLockFile)
            #expect(try await server.end(by: SIGTERM) == 0)
            #expect(!server.hasLockFile)

            let again = try await ServerProcess(data: folder.path)
            let back = try await Visitor("operator", on: again)
            #expect(try await back.status(of: session) == "stopped")
            let newPage = try await back.watch("session/\(session)")
            #expect(try await back.start(session).status == 202)
            #expect(try await back.carryToTheEnd(session, on: newPage) == "runCompleted")
        }

        @Test func `wrong arguments end with 64, a missing file with 1`() async throws {
            #expect(try await Program.run(["serve", "--listen", "nowhere"]).code == 64)
            let missing = try await Program.run(["process", "/nowhere/movie.mrc"])
            #expect(missing.code == 1)
            #expect(missing.complaint.hasPrefix("/nowhere/movie.mrc cannot be read"))
        }
    }
}
