import Foundation
import JSONText
import TestSupport
import Testing

extension EndToEndTests {
    @Suite struct RunTests {
        @Test func `the demo's session runs to completion, its prompts answered, its movies measured`() async throws {
            let folder = try TemporaryFolder()
            let server = try await ServerProcess(data: folder.path)
            let operatorPerson = try await Visitor("operator", on: server)
            let session = try await operatorPerson.demoSession()
            let page = try await operatorPerson.watch("session/\(session)")
            #expect(try await operatorPerson.start(session).status == 202)
            #expect(try await operatorPerson.carryToTheEnd(session, on: page) == "runCompleted")
            let state = try await operatorPerson.get("/api/sessions/\(session)").json
            let grids = state.found("grids")?.items ?? []
            #expect(grids.map { $0["images"]?.int } == [6, 6])
            #expect(!server.hasLockFile)
            #expect(try await server.end(by: SIGTERM) == 0)
        }

        @Test func `a movie is measured in a process of its own, and its event tells the CTF`() async throws {
            let folder = try TemporaryFolder()
            let server = try await ServerProcess(data: folder.path)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("measured", grids: 1)
            let page = try await person.watch("grid/\(session).g1")
            #expect(try await person.start(session).status == 202)
            let event = try await page.next("micrographProcessed", "processingFailed")
            #expect(event["type"]?.text == "micrographProcessed")
            #expect(event["data"]?["measurement"]?["shifts"]?.items?.count == 2)
            let picture = try #require(event["data"]?["measurement"]?["picture"]?.text)
            let directory = try #require(
                try await person.get("/api/sessions/\(session)").json.found("session")?["directory"]?.text)
            #expect(FileManager.default.fileExists(atPath: folder.path(of: "\(directory)/\(picture)")))
        }
    }
}
