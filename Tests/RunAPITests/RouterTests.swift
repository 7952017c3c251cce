import Foundation
import JSONText
import RunModel
import Testing
import WebServer

@testable import RunAPI

@Suite struct RouterTests {
    /// Who is let in, in the order staff, member, viewer, stranger, nobody: y, or n for refused.
    static let rights: [String: String] = [
        "POST /api/login": "yyyyy", "POST /api/logout": "yyyyy", "GET /api/me": "yyyyn",
        "GET /api/microscopes": "yyyyn", "GET /api/detectors": "yyyyn", "GET /api/recipes": "yyyyn",
        "POST /api/microscopes/{microscope}/remove-lock": "ynnnn",
        "GET /api/sessions": "yyyyn", "POST /api/sessions": "yynyn",
        "GET /api/sessions/{session}": "yyynn", "GET /api/sessions/{session}/queue": "yyynn",
        "GET /api/sessions/{session}/events": "yyynn", "GET /api/sessions/{session}/staff": "ynnnn",
        "POST /api/sessions/{session}/start": "yynnn", "POST /api/sessions/{session}/stop": "yynnn",
        "POST /api/sessions/{session}/cancel-stop": "yynnn", "PUT /api/sessions/{session}/pause-between-grids": "yynnn",
        "PUT /api/sessions/{session}/plan": "yynnn", "PUT /api/sessions/{session}/settings": "yynnn",
        "GET /api/sessions/{session}/forecast": "yyynn", "GET /api/forecast": "yynyn",
        "PUT /api/sessions/{session}/archived": "yynnn",
        "POST /api/sessions/{session}/grids": "yynnn",
        "PUT /api/sessions/{session}/grids/{grid}": "yynnn",
        "PUT /api/sessions/{session}/grid-order": "yynnn", "PUT /api/grids/{grid}/notes": "yynnn",
        "PUT /api/micrographs/{target}/rating": "yynnn",
        "POST /api/sessions/{session}/prompts/{prompt}": "yynnn", "POST /api/sessions/{session}/queue": "yynnn",
        "POST /api/sessions/{session}/grids/{grid}/abort": "yynnn",
        "POST /api/sessions/{session}/grids/{grid}/leave-out": "yynnn",
        "POST /api/sessions/{session}/grids/{grid}/take-up": "yynnn",
        "POST /api/sessions/{session}/force-start": "ynnnn", "POST /api/sessions/{session}/force-kill": "ynnnn",
        "GET /api/sessions/{session}/logs/{log}": "yyynn", "GET /api/sessions/{session}/logs/{log}/download": "yyynn",
        "GET /api/grids/{grid}": "yyynn", "GET /api/grids/{grid}/targets": "yyynn",
        "GET /api/grids/{grid}/export/movies.star": "yyynn", "GET /api/grids/{grid}/export/micrographs_ctf.star": "yyynn",
        "GET /api/grids/{grid}/export/micrographs.csv": "yyynn", "GET /api/grids/{grid}/export/exposure_groups.csv": "yyynn",
        "GET /api/grids/{grid}/export/targets.nav": "yyynn", "GET /api/sessions/{session}/export/movies.star": "yyynn",
        "GET /api/sessions/{session}/export/micrographs_ctf.star": "yyynn",
        "GET /api/sessions/{session}/export/micrographs.csv": "yyynn",
        "GET /api/sessions/{session}/export/exposure_groups.csv": "yyynn",
        "GET /api/grids/{grid}/export/report.html": "yyynn", "GET /api/sessions/{session}/export/report.html": "yyynn",
        "GET /api/targets/{target}/image.png": "yyynn", "GET /api/targets/{target}/raw.mrc": "yyynn",
        "GET /healthz": "yyyyy", "GET /readyz": "yyyyy", "GET /metrics": "yyyyn", "GET /api/openapi.json": "yyyyy",
        "GET /": "yyyyy", "GET /login": "yyyyy", "GET /sessions": "yyyyy", "GET /sessions/new": "yyyyy",
        "GET /people": "yyyyy", "GET /audit": "yyyyy",
        "GET /api/audit": "ynnnn", "GET /api/audit/check": "ynnnn",
        "GET /api/people": "ynnnn", "POST /api/people": "ynnnn", "DELETE /api/people/{person}": "ynnnn",
        "PUT /api/people/{person}/role": "ynnnn", "PUT /api/people/{person}/password": "ynnnn",
        "POST /api/people/{person}/unlock": "ynnnn", "POST /api/people/{person}/tokens": "ynnnn",
        "DELETE /api/people/{person}/tokens/{token}": "ynnnn", "PUT /api/people/{person}/groups/{group}": "ynnnn",
        "DELETE /api/people/{person}/groups/{group}": "ynnnn",
        "GET /api/groups": "ynnnn", "POST /api/groups": "ynnnn", "DELETE /api/groups/{group}": "ynnnn",
        "GET /sessions/{session}/run": "yyyyy", "GET /sessions/{session}/grids/{grid}": "yyyyy",
    ]

    @Test func `every route is in the table of rights`() async throws {
        let bench = try await Bench()
        #expect(Set(bench.api.router.routes.map { "\($0.method) \($0.path)" }) == Set(Self.rights.keys))
    }

    @Test func `whose request it is is known by its head, for whoever is signed in`() async throws {
        let bench = try await Bench()
        func owner(_ headers: [String: String]) -> String? {
            bench.api.owner(of: HTTPRequest(method: "POST", path: "/api/sessions", headers: headers))
        }
        #expect(owner([:]) == nil && owner(["authorization": "Bearer x"]) == nil)
        #expect(owner(["authorization": "Bearer \(bench.token(of: .viewer))"]) == "viewer")
    }

    @Test(arguments: ["/api/login", "/api/logout"])
    func `anybody's body is refused whose names or texts take long to compare`(path: String) async throws {
        let bench = try await Bench()
        let letter = "a" + String(repeating: "\u{301}", count: 2000) + String(repeating: "\u{323}", count: 2000)
        for body in [[letter: 1], ["username": .string(letter), "password": "x"]] as [JSONValue] {
            let answer = await bench.ask("POST", path, as: nil, body: body)
            #expect(answer.status == 400 && answer.code == "request.badJSON")
        }
    }

    @Test func `whatever changes something has its word in the audit log, and no two have the same`() async throws {
        let bench = try await Bench()
        for route in bench.api.router.routes {
            #expect((route.audit != nil) == (route.method != "GET"), "\(route.method) \(route.path)")
        }
        let acts = bench.api.router.routes.compactMap(\.audit?.act)
        #expect(Set(acts).count == acts.count)
    }

    @Test(arguments: rights.keys.sorted()) func `a route lets in whom the table names and nobody else`(_ route: String)
        async throws
    {
        let bench = try await Bench()
        let session = try await bench.session()
        let (method, path) = Self.address(route, session)
        for (somebody, right) in zip(Bench.Somebody.allCases.map(Optional.init) + [nil], Self.rights[route] ?? "") {
            // An empty body is refused or taken after the rights are checked.
            let answer = await bench.ask(method, path, as: somebody)
            let refusal = somebody == nil ? 401 : 403
            if right == "y" {
                #expect(answer.status != 401 && answer.status != 403, "\(somebody?.rawValue ?? "nobody")")
            } else {
                #expect(answer.status == refusal, "\(somebody?.rawValue ?? "nobody")")
                #expect(answer.code == (somebody == nil ? "account.notSignedIn" : "permission.denied"))
            }
        }
    }

    @Test(arguments: rights.keys.sorted()) func `whoever has signed out, or signed in too long ago, is nobody`(_ route: String)
        async throws
    {
        let bench = try await Bench()
        let (method, path) = Self.address(route, try await bench.session())
        func signIn() async throws -> String {
            try await bench.accounts.signIn(username: "staff", password: "password of staff", address: "10.0.0.1").token
        }
        func ask(_ method: String, _ path: String, _ token: String) async -> Answer {
            let headers = ["cookie": "gridpilot=\(token)", "host": "pilot:8080", "origin": "http://pilot:8080"]
            return await bench.ask(method, path, as: nil, headers: headers)
        }
        let (signedOut, expired) = (try await signIn(), try await signIn())
        for token in [signedOut, expired] { #expect(await ask("GET", "/api/me", token).status == 200) }
        try await bench.accounts.signOut(token: signedOut, from: "10.0.0.1")
        bench.pass(seconds: 8 * 86_400)
        for token in [signedOut, expired] {
            let answer = await ask(method, path, token)
            if Self.rights[route]?.last == "y" {
                #expect(answer.status != 401 && answer.status != 403)
            } else {
                #expect(answer.status == 401 && answer.code == "account.notSignedIn")
            }
        }
    }

    @Test func `whoever asks changes nothing, in the store, the audit log or the folders`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        func all() throws -> [String] {
            let store = bench.store
            let (accounts, sessions) = (try store.accounts(), try store.sessions())
            let lines = try LogName.allCases.map { try store.lastLine(of: session, log: $0) }
            return [
                "\(try store.newestSeq()) \(try store.facility().seq) \(try store.state(of: session)?.seq ?? 0) \(lines)",
                try store.auditHead()?.text ?? "", "\(accounts.people.count) \(accounts.credentials.map(\.hash).sorted())",
                "\(sessions.map { "\($0.session.id) \($0.status)" }) \(try store.holders().count)",
                "\(try FileManager.default.subpathsOfDirectory(atPath: bench.folder.path).sorted())",
            ]
        }
        let before = try all()
        for route in Self.rights.keys.sorted() where route.hasPrefix("GET ") {
            let (method, path) = Self.address(route, session)
            for somebody in Bench.Somebody.allCases.map(Optional.init) + [nil] { _ = await bench.ask(method, path, as: somebody) }
            let after = try all()
            #expect(after == before, "\(route)")
        }
    }

    /// The method and the path of a route, with what there is in place of its names.
    private static func address(_ route: String, _ session: SessionID) -> (method: String, path: String) {
        let words = route.split(separator: " ")
        let path = String(words[1]).replacing("{session}", with: session.rawValue).replacing("{grid}", with: "\(session).g1")
            .replacing("{target}", with: "\(session).g1").replacing("{log}", with: "imaging").replacing("{prompt}", with: "p1")
            .replacing("{microscope}", with: "scope-1")
        return (String(words[0]), path)
    }

    @Test func `a refusal says code, title, status, sentence and remedy`() async throws {
        let bench = try await Bench()
        let answer = await bench.ask("GET", "/api/sessions/none")
        #expect(answer.status == 404)
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(Set(answer.json.fields?.keys.sorted() ?? []) == ["code", "title", "status", "sentence", "remedy"])
        #expect(answer.code == "session.unknown")
        #expect(answer.json["status"] == 404)
    }

    @Test(arguments: [
        "/nothing", "/api", "/api/", "//", "/api/sessions/", "/api/sessions/none", "/api/grids/none", "/api/grids/none.g1",
        "/api/targets/none.g1.s2/image.png", "/api/targets/../image.png", "/api/sessions/%00", "/sessions/x",
    ]) func `what is not there is 404`(_ path: String) async throws {
        let bench = try await Bench()
        #expect(await bench.ask("GET", path).status == 404)
    }

    @Test func `another method is 405 and told which are used`() async throws {
        let bench = try await Bench()
        let answer = await bench.ask("DELETE", "/api/sessions")
        #expect(answer.status == 405)
        #expect(answer.headers["allow"] == "GET, HEAD, POST")
    }

    @Test func `a body that is not JSON is refused by its type, its text, its kind and its fields`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let path = "/api/sessions/\(session)/pause-between-grids"
        func put(_ text: String, type: String = "application/json") async -> Answer {
            let request = HTTPRequest(
                method: "PUT", path: path,
                headers: ["authorization": "Bearer \(bench.token(of: .member))", "content-type": type], body: Array(text.utf8))
            return Answer(await bench.api.respond(to: request))
        }
        #expect(await put("{\"enabled\":true}", type: "text/plain").status == 415)
        #expect(await put("{\"enabled\":true").code == "request.badJSON")
        #expect(await put("[true]").code == "request.badJSON")
        #expect(await put("{\"enabled\":1}").json["sentence"] == "enabled is neither true nor false.")
        #expect(await put("{}").json["sentence"] == "enabled is missing.")
        let unknown = await put("{\"enabled\":true,\"disabled\":false}")
        #expect(unknown.status == 400)
        #expect(unknown.json["problems"]?[0]?["field"] == "disabled")
        #expect(await put("{\"enabled\":true,\"enabled\":false}").status == 400)
        #expect(await put("{\"enabled\":true}", type: "application/json; charset=utf-8").status == 202)
    }

    @Test func `a cookie counts only for our own pages, a token for everybody`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let signIn = try await bench.accounts.signIn(username: "member", password: "password of member", address: "10.0.0.1")
        func stop(_ headers: [String: String]) async -> Int {
            let all = headers.merging(["host": "pilot:8080"]) { first, _ in first }
            return await bench.api.respond(
                to: HTTPRequest(method: "POST", path: "/api/sessions/\(session)/stop", headers: all)
            ).status
        }
        let cookie = "gridpilot=\(signIn.token)"
        #expect(await stop(["cookie": cookie, "origin": "http://pilot:8080"]) == 409)
        #expect(await stop(["cookie": cookie, "origin": "http://evil:8080"]) == 403)
        #expect(await stop(["cookie": cookie, "origin": "null"]) == 403)
        #expect(await stop(["cookie": cookie, "sec-fetch-site": "cross-site"]) == 403)
        #expect(await stop(["cookie": cookie, "sec-fetch-site": "same-origin"]) == 409)
        let token = bench.token(of: .member)
        #expect(await stop(["authorization": "Bearer \(token)", "origin": "http://evil:8080"]) == 409)
        // Each counts only as what it was given out for.
        #expect(await stop(["authorization": "Bearer \(signIn.token)"]) == 401)
        #expect(await stop(["cookie": "gridpilot=\(token)", "origin": "http://pilot:8080"]) == 401)
    }

    @Test func `ids of grids, squares, holes and exposures are told apart`() {
        #expect(ItemID("a.b.g1") == .grid("a.b.g1"))
        #expect(ItemID("a.g1.s2") == .target("a.g1.s2"))
        #expect(ItemID("a.g1.s2.h3") == .target("a.g1.s2.h3"))
        #expect(ItemID("a.g1.s2.h3.m4") == .micrograph("a.g1.s2.h3.m4"))
        #expect(ItemID("a.g1.s2.h3.m4")?.session == "a")
        for text in ["", "a", "g1", ".g1.", "a.g", "a.s1", "a.g1.h2", "a.g1.s2.m3", "a.gx"] {
            #expect(ItemID(text) == nil, "\(text)")
        }
    }
}
