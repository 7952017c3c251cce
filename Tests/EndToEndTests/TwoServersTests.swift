import Foundation
import JSONText
import TestSupport
import Testing

extension EndToEndTests {
    /// Two servers with data directories of their own, told of one SerialEM.
    @Suite struct TwoServersTests {
        @Test func `the second server is refused at the microscope, and the first one's run goes on`() async throws {
            let folder = try TemporaryFolder()
            let scope = try await ScopeProcess(folder, speed: 400)
            let first = try await ServerProcess(data: folder.path(of: "first"), speed: 400, scope: scope)
            let second = try await ServerProcess(data: folder.path(of: "second"), speed: 400, scope: scope)
            let ada = try await Visitor("operator", on: first)
            let grace = try await Visitor("operator", on: second)
            let (own, others) = (try await ada.crashSession("own"), try await grace.smallSession("others", grids: 1))
            let (page, otherPage) = (try await ada.watch("session/\(own)"), try await grace.watch("session/\(others)"))
            #expect(try await ada.start(own).status == 202)
            _ = try await scope.ledger.wait { $0["name"]?.text == "Record" }
            #expect(try await grace.start(others).status == 202)
            let end = try await otherPage.next("runFailed", "runCompleted", "runInterrupted")
            #expect(end["type"]?.text == "runFailed" && end["data"]?["code"]?.text == "scopeLock.held")
            #expect(end["data"]?["sentence"]?.text?.hasPrefix("operator is running ") == true)
            #expect(try await ada.carryToTheEnd(own, on: page) == "runCompleted")
            let account = try await Account(of: own, person: ada, scope: scope)
            #expect(account.differences == [])
            #expect(Set(account.exposed).count == account.exposed.count && account.exposed.count == 12)
            let lines = try scope.ledger.lines()
            // Each server once, and the first one back.
            #expect(lines.count { $0["kind"]?.text == "connect" } == 3)
            // Of the second only what tells whose the microscope is, and its word that it looked.
            let intruder = lines.first { $0["kind"]?.text == "connect" && $0["client"]?.int == 2 }
            #expect(intruder != nil)
            #expect(
                lines.filter { $0["client"]?.int == 2 && $0["kind"]?.text == "command" }.compactMap { $0["name"]?.text }
                    == ["NoMessageBoxOnError", "GetVariable", "ReportTickTime", "ReportTickTime", "SetPersistentVar"])
            #expect(try await first.end(by: SIGTERM) == 0)
            #expect(try await second.end(by: SIGTERM) == 0)
            #expect(try await scope.end(by: SIGTERM) == 0)
        }
    }
}
