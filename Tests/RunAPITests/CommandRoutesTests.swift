import Blocking
import Dispatch
import Engine
import JSONText
import RunModel
import Store
import Testing

@testable import RunAPI

@Suite struct CommandRoutesTests {
    @Test func `a command is accepted with its id, and its events carry it`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let answer = await bench.ask("POST", "/api/sessions/\(session)/start")
        #expect(answer.status == 202)
        let command = try #require(answer.json["command"]?.text)
        let events = try bench.store.events(on: .session(session), after: 0, limit: 100)
        #expect(events.contains { $0.type == "runStarted" && $0.command?.rawValue == command })
    }

    @Test func `a running session is not started again`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        _ = await bench.ask("POST", "/api/sessions/\(session)/start")
        let again = await bench.ask("POST", "/api/sessions/\(session)/start")
        #expect(again.status == 409)
        #expect(again.code == "session.running")
    }

    @Test func `a held microscope refuses and says who holds it to those who may know`() async throws {
        let bench = try await Bench()
        let (first, second) = (try await bench.session("first"), try await bench.session("second"))
        let others = try await bench.session("hidden", group: "others")
        _ = await bench.ask("POST", "/api/sessions/\(first)/start")
        let told = await bench.ask("POST", "/api/sessions/\(second)/start")
        #expect(told.status == 409)
        #expect(told.code == "scopeLock.held")
        #expect(told.json["sentence"]?.text?.contains("member is running session first") == true)
        let redacted = await bench.ask("POST", "/api/sessions/\(others)/start", as: .stranger)
        #expect(redacted.code == "scopeLock.held")
        #expect(!redacted.text.contains("first") && !redacted.text.contains("member"))
        let lines = try bench.store.logLines(of: second, log: .imaging, limit: 100)
        #expect(lines.contains { $0.line.message.contains("member is running session first") })
    }

    @Test func `the pause switch is set and never toggled`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        for _ in 1...2 {
            #expect(
                await bench.ask("PUT", "/api/sessions/\(session)/pause-between-grids", body: ["enabled": false]).status == 202)
        }
        #expect(try bench.store.state(of: session)?.state.pauseBetweenGrids == false)
    }

    @Test func `answers and edits that do not fit are refused with their codes`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let path = "/api/sessions/\(session)"
        #expect(await bench.ask("POST", "\(path)/stop").code == "session.notRunning")
        #expect(await bench.ask("POST", "\(path)/cancel-stop").status == 409)
        let prompt = await bench.ask("POST", "\(path)/prompts/p9", body: ["answer": "next"])
        #expect(prompt.status == 404)
        #expect(prompt.code == "prompt.unknown")
        #expect(await bench.ask("POST", "\(path)/prompts/p9", body: ["answer": "next", "version": "new"]).status == 400)
        let stale = await bench.ask("POST", "\(path)/queue", body: ["version": 7, "add": [.string("\(session).g1.s1")]])
        #expect(stale.status == 409)
        #expect(stale.code == "queue.changed")
        #expect(await bench.ask("POST", "\(path)/queue", body: ["version": 0]).status == 400)
        let doubled = await bench.ask("POST", "\(path)/queue", body: ["version": 0, "skip": ["a.g1.s1", "a.g1.s1"]])
        #expect(doubled.json["sentence"] == "skip names a target twice.")
        #expect(await bench.ask("POST", "\(path)/queue", body: ["version": 0, "add": ["no id"]]).status == 400)
    }

    @Test func `a grid is left out and taken up again, and what makes no sense says why`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let grid = "/api/sessions/\(session)/grids/\(session).g1"
        func status() throws -> GridStatus? { try bench.store.state(of: session)?.state.grids.first?.status }
        #expect(await bench.ask("POST", "\(grid)/abort").code == "grid.status")
        #expect(await bench.ask("POST", "\(grid)/leave-out").status == 202)
        #expect(try status() == .leftOut)
        let again = await bench.ask("POST", "\(grid)/leave-out")
        #expect(again.status == 409)
        #expect(again.json["sentence"]?.text?.hasSuffix("is closed already.") == true)
        #expect(await bench.ask("POST", "\(grid)/take-up").status == 202)
        #expect(try status() == .waiting)
        #expect(await bench.ask("POST", "\(grid)/take-up", body: ["why": "x"]).status == 400)
        for act in ["abort", "leave-out", "take-up"] {
            let path = "/api/sessions/\(session)/grids"
            #expect(await bench.ask("POST", "\(path)/\(session).g9/\(act)").code == "grid.unknown")
            #expect(await bench.ask("POST", "\(path)/elsewhere.g1/\(act)").code == "grid.unknown")
            #expect(await bench.ask("POST", "\(path)/no%20id/\(act)").code == "grid.unknown")
        }
        await bench.api.services.audit.write()
        let acts = try bench.store.audit(AuditFilter(isOldestFirst: true)).map(\.entry).filter { $0.act == "leaveOutGrid" }
        #expect(acts.first?.outcome == .taken)
        #expect(acts.first?.author.person == "member")
    }

    @Test func `acts of staff are written down, refused ones too`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        #expect(await bench.ask("POST", "/api/sessions/\(session)/force-kill", as: .staff).status == 409)
        #expect(await bench.ask("POST", "/api/sessions/\(session)/force-start", as: .staff).status == 202)
        #expect(await bench.ask("POST", "/api/microscopes/scope-1/remove-lock", as: .staff).code == "scopeLock.living")
        #expect(await bench.ask("POST", "/api/sessions/\(session)/force-start", as: .staff).code == "scopeLock.living")
        #expect(await bench.ask("POST", "/api/microscopes/none/remove-lock", as: .staff).status == 404)
        await bench.api.services.audit.write()
        let acts = try bench.store.audit(AuditFilter(isOldestFirst: true)).map(\.entry)
        #expect(
            acts.filter { ["forceKill", "forceStart", "removeLock"].contains($0.act) }.allSatisfy { $0.author.person == "staff" })
        func outcomes(_ act: String, _ subject: String) -> [AuditOutcome] {
            acts.filter { $0.act == act && $0.subject == subject }.map(\.outcome)
        }
        #expect(outcomes("forceKill", "session/\(session)") == [.asked, .refused(code: "session.nothingToKill")])
        #expect(outcomes("forceStart", "session/\(session)") == [.asked, .taken, .asked, .refused(code: "scopeLock.living")])
        #expect(outcomes("removeLock", "microscope/scope-1") == [.asked, .refused(code: "scopeLock.living")])
    }

    @Test func `a refused act of staff says why, even when the audit log cannot be written`() async throws {
        let bench = try await Bench()
        let (lines, silence) = (Lines(), DispatchSemaphore(value: 0))
        var services = bench.api.services
        let lane = BlockingLane("test")
        services.audit = AuditTrail(bench.store, lane: lane, patience: .seconds(60), elapsed: services.elapsed) {
            lines.append($0)
        }
        // A call whose time is over before a thread is free is left out: then the lane is not silent yet.
        while lane.silence == nil { _ = try? await lane.run(deadline: .milliseconds(5)) { silence.wait() } }
        let call = bench.call("POST", "/api/sessions/s/force-kill", as: .staff)
        let route = Route(
            method: "POST", path: "", access: .act(.staffAct), summary: "", isUrgent: true,
            audit: .force("forceKill", on: "session")
        ) { _, _ async throws(Problem) in throw Problem(EngineError.nothingToKill) }
        await #expect(throws: Problem(EngineError.nothingToKill)) {
            _ = try await services.run(route, call, BodyFields([:]))
        }
        await services.audit.write()
        silence.signal()
        #expect(lines.all.count == 2)
        #expect(lines.all.allSatisfy { $0.contains("staff") && $0.contains("forceKill") })
    }

    @Test func `staff read the facts before they act`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        _ = await bench.ask("POST", "/api/sessions/\(session)/start")
        let facts = await bench.ask("GET", "/api/sessions/\(session)/staff", as: .staff).json
        #expect(["starting", "running"].contains(facts["recordedStatus"]))
        #expect(facts["process"]?["alive"] == true)
        #expect(facts["process"]?["pid"] == 4711)
        #expect(facts["lock"]?["living"] == true)
        #expect(facts["forceStart"]?["allowed"] == false)
        #expect(facts["workers"] == 0)
    }
}
