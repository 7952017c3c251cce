import Foundation
import JSONText
import TestSupport
import Testing

extension EndToEndTests {
    /// The same session over SerialEMs that differ where real ones do.
    @Suite struct SerialEMKindTests {
        @Test(arguments: [[], ["--version", "4.1", "--no-utapi"], ["--vendor", "JEOL"], ["--problem-boxes"]])
        func `a whole session completes with every image`(_ options: [String]) async throws {
            let folder = try TemporaryFolder()
            let scope = try await ScopeProcess(folder, options: options)
            let config = folder.path(of: "gridpilot.yaml")
            let vendor = options.contains("JEOL") ? "JEOL" : "TFS"
            try """
            microscopes:
              - id: demo-scope
                vendor: \(vendor)
                voltage: 300
                link: serialem
                serialem: {address: "127.0.0.1:\(scope.port)", levels: {atlas: {lowDose: false, imagingState: atlas}}}
            detectors:
              - {id: demo-camera, microscope: demo-scope, width: 1024, height: 1024, pixelSize: 1.5}
            """.write(toFile: config, atomically: true, encoding: .utf8)
            let server = try await ServerProcess(data: folder.path(of: "data"), config: config)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("kind", grids: 2)
            let page = try await person.watch("session/\(session)")
            #expect(try await person.start(session).status == 202)
            #expect(try await person.carryToTheEnd(session, on: page) == "runCompleted")
            let account = try await Account(of: session, person: person, scope: scope)
            #expect(account.exposed.count == 2)
            #expect(account.differences == [])
            let first = try scope.ledger.lines().first { $0["kind"]?.text == "command" }
            #expect(first?["name"]?.text == "NoMessageBoxOnError")
            #expect(try await server.end(by: SIGTERM) == 0)
        }

        @Test func `a run whose commands end in message boxes pauses with SerialEM's own words within 20 s`() async throws {
            let folder = try TemporaryFolder()
            // Far more often than there are targets.
            let scope = try await ScopeProcess(
                folder, faults: #"[{"kind":"messageBox","command":"View","times":1000}]"#, options: ["--problem-boxes"])
            let server = try await ServerProcess(data: folder.path(of: "data"), scope: scope)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("boxes", grids: 2, squares: 4)
            let page = try await person.watch("session/\(session)")
            #expect(try await person.start(session).status == 202)
            _ = try await scope.ledger.wait { $0["kind"]?.text == "command" && $0["name"]?.text == "View" }
            let clock = ContinuousClock()
            let begun = clock.now
            let prompt = try #require(try await page.next("promptRaised")["data"])
            #expect(begun.duration(to: clock.now) < .seconds(20))
            #expect(["targetsFailAlike", "gridsFailAlike"].contains(prompt["kind"]?.text ?? ""))
            #expect(
                prompt["cause"]?.text?.contains("Timeout getting an image from the camera. Restart the camera's server") == true)
            #expect(try await person.status(of: session) == "paused")
        }

        @Test func `a grid that nobody remembers to have loaded is asked about once, and imaged where it is`() async throws {
            let folder = try TemporaryFolder()
            let options = ["--version", "4.1", "--no-utapi"]
            let first = try await ScopeProcess(folder, options: options)
            let loader = try await ServerProcess(data: folder.path(of: "data"), scope: first)
            let operatorThen = try await Visitor("operator", on: loader)
            let before = try await operatorThen.smallSession("before", grids: 1)
            let pageThen = try await operatorThen.watch("session/\(before)")
            #expect(try await operatorThen.start(before).status == 202)
            #expect(try await operatorThen.carryToTheEnd(before, on: pageThen) == "runCompleted")
            #expect(try await loader.end(by: SIGTERM) == 0)
            #expect(try await first.end(by: SIGTERM) == 0)
            // SerialEM is started anew: the grid is still on the stage, and what was remembered has gone.
            let scope = try await ScopeProcess(folder, options: options)
            let server = try await ServerProcess(data: folder.path(of: "data"), scope: scope)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("after", grids: 1)
            let page = try await person.watch("session/\(session)")
            #expect(try await person.start(session).status == 202)
            let prompt = try #require(try await page.next("promptRaised")["data"])
            #expect(prompt["kind"]?.text == "stageUnclear")
            #expect(prompt["answers"]?.items?.compactMap(\.text) == ["continue", "skip"])
            let id = try #require(prompt["id"]?.text)
            #expect(try await person.post("/api/sessions/\(session)/prompts/\(id)", ["answer": "continue"]).status == 202)
            #expect(try await person.carryToTheEnd(session, on: page) == "runCompleted")
            let account = try await Account(of: session, person: person, scope: scope)
            #expect(account.exposed.count == 1 && account.differences == [])
            #expect(try scope.ledger.lines().count { $0["kind"]?.text == "load" } == 1, "it was never loaded again")
        }
    }
}
