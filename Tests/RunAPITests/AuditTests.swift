import Accounts
import Dispatch
import JSONText
import RunModel
import Store
import Testing
import WebServer

@testable import RunAPI

/// What the commands of people leave in the audit log.
@Suite struct AuditTests {
    @Test func `each command leaves who, what, where and what became of it`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let path = "/api/sessions/\(session)"
        _ = await bench.ask("PUT", "\(path)/pause-between-grids", body: ["enabled": true])
        _ = await bench.ask("POST", "\(path)/stop")
        let started = await bench.ask("POST", "\(path)/start")
        let records = try await bench.audit()
        #expect(records.map(\.act) == ["createSession", "pauseBetweenGrids", "stop", "start"])
        #expect(records.map(\.author.person) == ["staff", "member", "member", "member"])
        #expect(records.map(\.author.role) == ["staff", "member", "member", "member"])
        #expect(records.allSatisfy { $0.subject == "session/\(session)" && $0.at == bench.now })
        #expect(records.map(\.outcome) == [.taken, .taken, .refused(code: "session.notRunning"), .taken])
        #expect(records[0].detail["name"] == "first" && records[1].detail["enabled"] == true)
        #expect(records[3].detail["command"] == started.json["command"])
    }

    @Test func `where somebody did it from is told`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let request = HTTPRequest(
            method: "POST", path: "/api/sessions/\(session)/start",
            headers: ["authorization": "Bearer \(bench.token(of: .member))"], remoteAddress: "10.1.2.3")
        _ = await bench.api.respond(to: request)
        #expect(try await bench.audit().last?.author.address == "10.1.2.3")
    }

    @Test func `a queue edit and an answer are told with what was asked`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let many = (1...30).map { JSONValue.string("\(session).g1.s\($0)") }
        _ = await bench.ask(
            "POST", "/api/sessions/\(session)/queue",
            body: ["version": 7, "add": .array(many), "skip": [.string("\(session).g1.s1")]])
        let edit = try #require(try await bench.audit().last)
        #expect(edit.act == "editQueue" && edit.outcome == .refused(code: "queue.changed"))
        #expect(edit.detail["version"] == 7 && edit.detail["add"] == 30)
        #expect(edit.detail["skip"] == [.string("\(session).g1.s1")])
    }

    @Test func `a command that is repeated under its key is one record`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        for _ in 1...3 { _ = await bench.ask("POST", "/api/sessions/\(session)/start", headers: ["idempotency-key": "k"]) }
        #expect(try await bench.audit().map(\.act) == ["createSession", "start"])
    }

    @Test func `what somebody may not do is written once a minute, and the rest counted`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        for _ in 1...100 { _ = await bench.ask("POST", "/api/sessions/\(session)/force-kill", as: .stranger) }
        #expect(try await bench.audit().count == 2)
        bench.clock.advance(by: .seconds(60))
        let records = try await bench.audit().dropFirst()
        #expect(records.map(\.author.person) == ["stranger", "stranger"])
        #expect(records.map(\.outcome) == [.refused(code: "permission.denied"), .refused(code: "permission.denied")])
        #expect(records.map(\.subject) == ["session/\(session)", "session/\(session)"])
        #expect(records.map(\.detail["times"]) == [nil, 99])
        #expect(try bench.store.checkAudit().problem == nil)
    }

    @Test func `a forced act that follows a refused one is asked for in writing too, on each thing`() async throws {
        let bench = try await Bench()
        let (first, second) = (try await bench.session(), try await bench.session("second", microscope: "scope-2"))
        for _ in 1...2 { _ = await bench.ask("POST", "/api/sessions/\(first)/force-kill", as: .staff) }
        #expect(await bench.ask("POST", "/api/sessions/\(first)/force-start", as: .staff).status == 202)
        _ = await bench.ask("POST", "/api/sessions/\(second)/force-kill", as: .staff)
        let records = try await bench.audit().dropFirst(2)
        let nothing = AuditOutcome.refused(code: "session.nothingToKill")
        #expect(records.filter { $0.act == "forceKill" }.map(\.outcome) == [.asked, nothing, .asked, .asked])
        #expect(records.filter { $0.act == "forceKill" }.map(\.subject).last == "session/\(second)")
        #expect(records.filter { $0.act == "forceStart" }.map(\.outcome) == [.asked, .taken])
    }

    @Test func `whoever presses on and on is written down ten times a minute`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        for _ in 1...30 { _ = await bench.ask("POST", "/api/sessions/\(session)/force-kill", as: .staff) }
        #expect(try await bench.audit().filter { $0.outcome == .asked }.count == 10)
    }

    @Test func `whoever presses on many things is written down sixty times a minute`() {
        var refusals = AuditRefusals()
        var asked = 0
        for number in 0..<1000 {
            let entry = AuditEntry(at: Timestamp(milliseconds: 0), by: .bench, "forceKill", on: "session/\(number % 40)")
            if refusals.isWorthAsking(entry, at: .zero) { asked += 1 }
            _ = refusals.isFirst(entry, at: .zero)
        }
        #expect(asked == 60)
    }

    @Test(arguments: [(AccountError.notBegun, 2), (.noAnswer, 20)])
    func `what was certainly not done is counted, and what may be done is written down each time`(cause: AccountError, rows: Int)
        async throws
    {
        let bench = try await Bench()
        let route = Route(
            method: "POST", path: "/api/people", access: .open, summary: "Refuses.", audit: .account("addPerson", .asker)
        ) { _, _ async throws(Problem) in throw Problem(cause) }
        let requester = Requester(person: Person(username: "staff"), token: "", usesCookie: false)
        let call = Call(request: HTTPRequest(method: "POST", path: "/api/people"), requester: requester, parameters: [:])
        for _ in 1...20 {
            await #expect(throws: Problem(cause)) { try await bench.api.services.run(route, call, BodyFields([:])) }
        }
        await bench.api.services.audit.finish()
        #expect(try await bench.audit().count == rows)
    }

    @Test func `a sign-in that is refused in a crowd leaves no row of nobody`() async throws {
        let bench = try await Bench()
        let route = Route(
            method: "POST", path: "/api/login", access: .open, summary: "Refuses.", audit: .account("signIn", .asker)
        ) { _, _ async throws(Problem) in throw Problem(AccountError.tooManyAtOnce) }
        let call = Call(request: HTTPRequest(method: "POST", path: "/api/login"), requester: nil, parameters: [:])
        await #expect(throws: Problem(AccountError.tooManyAtOnce)) {
            try await bench.api.services.run(route, call, BodyFields([:]))
        }
        #expect(try await bench.audit().isEmpty)
    }

    @Test func `whether the log is whole is not asked of the threads that readers wait for`() async throws {
        let bench = try await Bench()
        _ = try await bench.session()
        let (hang, reads) = (DispatchSemaphore(value: 0), bench.api.services.reads)
        let readers = (0..<Services.readers).map { _ in Task { try await reads.run { hang.wait() } } }
        for _ in 1...2 {
            let check = await bench.ask("GET", "/api/audit/check", as: .staff)
            #expect(check.status == 200 && check.json["whole"] == true)
        }
        for _ in readers { hang.signal() }
        for reader in readers { try await reader.value }
    }

    @Test func `what nobody in particular asks leaves no record`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        for path in ["/api/sessions/\(session)/stop", "/api/people", "/api/logout"] { _ = await bench.ask("POST", path, as: nil) }
        _ = await bench.ask("POST", "/api/login", as: nil, body: ["username": "nobody", "password": "x"])
        #expect(try await bench.audit().map(\.act) == ["createSession"])
    }

    @Test func `a name from an address stays a name`() async throws {
        let bench = try await Bench()
        _ = await bench.ask("DELETE", "/api/people/ada\n1\tstaff", as: .member)
        #expect(try await bench.audit().map(\.subject) == ["person/?"])
    }

    @Test func `no password and no token is in the log`() async throws {
        let bench = try await Bench()
        let secret = "a secret password"
        _ = await bench.ask(
            "POST", "/api/people", as: .staff, body: ["username": "ada", "password": .string(secret), "role": "staff"])
        _ = await bench.ask("PUT", "/api/people/ada/password", as: .staff, body: ["password": .string(secret)])
        _ = await bench.ask("PUT", "/api/people/none/password", as: .member, body: ["password": .string(secret)])
        let token = await bench.ask("POST", "/api/people/ada/tokens", as: .staff, body: ["name": "script"]).json["token"]?.text
        _ = await bench.ask("POST", "/api/login", as: nil, body: ["username": "ada", "password": .string(secret)])
        let text = try await bench.audit().map { "\($0)" }.joined()
        let shown = try #require(token)
        #expect(text.contains("addToken") && text.contains("setPassword"))
        #expect(!text.contains(secret) && !text.contains(shown))
    }

    @Test func `why staff overrode something is in the log of the run and in the audit`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let answer = await bench.ask(
            "POST", "/api/sessions/\(session)/force-start", as: .staff, body: ["reason": "The status was wrong since the crash"])
        #expect(answer.status == 202)
        #expect(
            try await bench.audit().suffix(2).map(\.detail["reason"]?.text)
                == Array(repeating: "The status was wrong since the crash", count: 2))
        let lines = await bench.ask("GET", "/api/sessions/\(session)/logs/imaging", as: .member).json["items"]?.items ?? []
        #expect(
            lines.contains { line in
                let text = line["message"]?.text ?? ""
                return text.hasPrefix("Force-started by staff") && text.hasSuffix("Reason: The status was wrong since the crash")
            })
        for reason: JSONValue in [.string(String(repeating: "x", count: 501)), "two\nlines", 7] {
            let refused = await bench.ask("POST", "/api/sessions/\(session)/force-kill", as: .staff, body: ["reason": reason])
            #expect(refused.status == 400)
        }
    }

    @Test func `a text has as many letters as it may, whatever they are made of`() {
        // One letter of eight bytes.
        let flags = String(repeating: "🇮🇳", count: 450)
        var fields = BodyFields(["reason": .string(flags)])
        #expect(fields.optionalText("reason", 0...500) == flags)
    }

    @Test func `staff read all, members their own group's sessions, nobody else anything`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let other = try await bench.session("second", group: "others", microscope: "scope-2")
        _ = await bench.ask("POST", "/api/sessions/\(session)/stop")
        await bench.api.services.audit.write()
        let all = await bench.ask("GET", "/api/audit", as: .staff, query: ["limit": "2"]).json
        #expect(all["items"]?.items?.compactMap { $0["act"]?.text } == ["stop", "createSession"])
        #expect(all["items"]?[0]?["address"]?.text != nil && all["items"]?[0]?["code"] == "session.notRunning")
        let rest = await bench.ask(
            "GET", "/api/audit", as: .staff, query: ["after": "\(all["next"]?.int ?? 0)", "act": "createSession"])
        #expect(rest.json["items"]?.items?.compactMap { $0["subject"]?.text } == ["session/\(session)"])
        let own = await bench.ask("GET", "/api/audit", as: .member, query: ["session": session.rawValue]).json
        #expect(own["items"]?.items?.compactMap { $0["act"]?.text } == ["stop", "createSession"])
        #expect(own["items"]?[0]?["address"] == nil)
        for (who, query) in [
            (Bench.Somebody.member, [:]), (.member, ["session": other.rawValue]), (.stranger, ["session": session.rawValue]),
            (.viewer, ["session": session.rawValue]),
        ] {
            #expect(await bench.ask("GET", "/api/audit", as: who, query: query).code == "permission.denied", "\(who)")
        }
        #expect(await bench.ask("GET", "/api/audit", as: .staff, query: ["session": "none"]).status == 404)
    }

    @Test func `staff are told whether the log is whole`() async throws {
        let bench = try await Bench()
        _ = try await bench.session()
        await bench.api.services.audit.write()
        let check = await bench.ask("GET", "/api/audit/check", as: .staff).json
        #expect(check["whole"] == true && check["problem"] == .null)
        #expect(try check["head"]?.text == bench.store.auditHead()?.text)
    }

    @Test func `a store that takes nothing for long has what did not fit said, and then noted`() async throws {
        let bench = try await Bench()
        let lines = Lines()
        let trail = AuditTrail(bench.store, patience: .seconds(60), elapsed: bench.api.services.elapsed) { lines.append($0) }
        for _ in 0..<(AuditTrail.capacity + 3) { trail.add(AuditEntry(at: bench.now, by: .bench, "stop", on: "session/s")) }
        #expect(lines.all.count == 3)
        await trail.write()
        let last = try #require(try bench.store.audit(limit: 1).first).entry
        #expect(last.act == "auditLost" && last.detail == ["times": 3])
        #expect(try bench.store.audit(AuditFilter(act: "stop"), limit: 9000).count == AuditTrail.capacity)
    }
}

extension Bench {
    /// What people did since the bench was made, oldest first.
    func audit() async throws -> [AuditEntry] {
        await api.services.audit.write()
        return try store.audit(AuditFilter(isOldestFirst: true), limit: 1000).map(\.entry).filter { $0.author != .bench }
    }
}
