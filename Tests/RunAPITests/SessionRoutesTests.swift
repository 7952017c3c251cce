import Foundation
import JSONText
import RunModel
import Store
import Testing

@testable import RunAPI

@Suite struct SessionRoutesTests {
    @Test func `a session is made with its directory, its grids and the settings that were left out`() async throws {
        let bench = try await Bench()
        let answer = await bench.ask("POST", "/api/sessions", body: Bench.sessionBody("tubulin"))
        #expect(answer.status == 201)
        let id = SessionID(unchecked: answer.json["id"]?.text ?? "")
        let state = try #require(try bench.store.state(of: id)?.state)
        #expect(state.session.directory == "sessions/demo/20261122_tubulin")
        #expect(state.session.createdBy == "member")
        #expect(state.grids.map(\.grid.id) == [GridID(id, slot: 1), GridID(id, slot: 2)])
        #expect(state.session.settings.squaresPerGrid == 2)
        #expect(state.session.settings.movie.frames == 4)
        #expect(state.session.settings.movie.dose == GridSettings().movie.dose)
        #expect(FileManager.default.fileExists(atPath: bench.folder.path(of: "sessions/demo/20261122_tubulin")))
    }

    @Test func `everything that is wrong with a new session is named in one answer`() async throws {
        let bench = try await Bench()
        let body: JSONValue = [
            "name": "../x", "group": "others", "microscope": "scope-1", "detector": "camera-scope-2", "colour": "red",
            "settings": [
                "squaresPerGrid": 1.5, "tilt": 3, "movie": ["frames": 0], "mode": "fast", "defocus": 4,
                "fitLimit": .number(1e9),
            ],
            "grids": [
                ["name": "a", "position": 1, "recipe": "spa"], ["name": "a", "position": 1, "recipe": "spa"],
                ["name": "b", "position": 13, "recipe": "none", "holeType": "big", "extra": true], 5,
            ],
        ]
        let answer = await bench.ask("POST", "/api/sessions", body: body)
        #expect(answer.status == 400)
        let named = Set((answer.json["problems"]?.items ?? []).compactMap { $0["field"]?.text })
        #expect(
            named == [
                "name", "group", "detector", "colour", "settings.squaresPerGrid", "settings.tilt", "settings.movie.frames",
                "settings.mode", "settings.defocus", "settings.fitLimit", "grids", "grids[2].position", "grids[2].recipe",
                "grids[2].holeType", "grids[2].extra", "grids[3]",
            ])
        #expect((answer.json["problems"]?.items ?? []).allSatisfy { $0["sentence"]?.text?.hasSuffix(".") == true })
        #expect(try bench.store.sessions().isEmpty)
    }

    @Test func `a text is as long as its bytes, not as it looks`() async throws {
        let bench = try await Bench()
        // One letter to whoever reads it.
        let letter = "a" + String(repeating: "\u{FE0F}", count: 200_000)
        let grid: JSONValue = ["name": "a", "position": 1, "meshMaterial": .string(letter), "recipe": "spa"]
        var body = Bench.sessionBody()
        body["grids"] = .array([grid])
        let answer = await bench.ask("POST", "/api/sessions", body: body)
        #expect(answer.status == 400)
        #expect(answer.json["problems"]?.items?.compactMap { $0["field"]?.text } == ["grids[0].meshMaterial"])
        let signIn = await bench.ask("POST", "/api/login", as: nil, body: ["username": .string(letter), "password": "x"])
        #expect(signIn.json["problems"]?.items?.compactMap { $0["field"]?.text } == ["username"])
    }

    @Test func `a body of thousands of wrong fields is answered with a page of sentences`() async throws {
        let bench = try await Bench()
        let body = JSONValue.object(Dictionary(uniqueKeysWithValues: (0..<5000).map { ("field\($0)", JSONValue.null) }))
        let answer = await bench.ask("POST", "/api/login", as: nil, body: body)
        #expect(answer.status == 400 && answer.json["problems"]?.items?.count == 50)
    }

    @Test(arguments: [
        ("grids", "[]"), ("grids", "null"), ("grids", "\"x\""), ("name", "\"\""), ("name", "5"), ("name", "\"two words\""),
        ("name", "\"\(String(repeating: "n", count: 65))\""), ("microscope", "\"none\""), ("detector", "\"none\""),
        ("settings", "[]"),
        ("settings", "{\"defocus\":{\"weakest\":-3,\"strongest\":-1}}"), ("settings", "{\"diskReserve\":-1}"),
        ("settings", "{\"imageShiftLimit\":\"4\"}"), ("settings", "{\"focusDistance\":-1}"),
        ("settings", "{\"defocus\":{\"step\":1e-20}}"),
    ]) func `a field that cannot be used is refused`(_ field: String, _ value: String) async throws {
        let bench = try await Bench()
        var body = Bench.sessionBody()
        body[field] = try JSONText.parse(value)
        let answer = await bench.ask("POST", "/api/sessions", body: body)
        #expect(answer.status == 400)
        #expect(answer.json["problems"]?[0]?["field"]?.text?.hasPrefix(field) == true)
    }

    /// `scope-2` is reached through SerialEM.
    private func windowsBench(_ there: @escaping @Sendable (String) -> String? = { "X:" + $0 }) async throws -> Bench {
        var facility = Bench.facility
        facility.pathsThere = ["scope-2": there]
        return try await Bench(facility: facility)
    }

    @Test(arguments: [
        ("tubulin.", "demo", "name", "Windows leaves out a dot or a blank at the end"),
        ("a", "con", "group", "Windows keeps that name for a device"),
        ("a", "lab.", "group", "Windows leaves out a dot or a blank at the end"),
    ])
    func
        `a session whose folder would be another one on the microscope's computer is refused at its field, and made where nobody minds`(
            name: String, group: String, field: String, reason: String
        ) async throws
    {
        let bench = try await windowsBench()
        let answer = await bench.ask(
            "POST", "/api/sessions", as: .staff, body: Bench.sessionBody(name, group: group, microscope: "scope-2"))
        #expect(answer.status == 400)
        #expect(answer.json["problems"]?.items?.map { $0["field"]?.text } == [field])
        #expect(answer.json["problems"]?[0]?["sentence"]?.text?.hasSuffix("on the microscope's computer: \(reason).") == true)
        #expect(try bench.store.sessions().isEmpty)
        let other = await bench.ask("POST", "/api/sessions", as: .staff, body: Bench.sessionBody(name, group: group))
        #expect(other.status == 201)
    }

    @Test func `a grid whose folder would be another one there is refused by its name`() async throws {
        var body = Bench.sessionBody(microscope: "scope-2")
        body["grids"] = [["name": "b.", "position": 1, "recipe": "spa"]]
        let answer = await (try await windowsBench()).ask("POST", "/api/sessions", body: body)
        #expect(answer.json["problems"]?.items?.map { $0["field"]?.text } == ["grids[0].name"])
    }

    @Test func `a facility whose own folder SerialEM could not read is told at the microscope`() async throws {
        let bench = try await windowsBench { _ in "X:\\größe\\sessions" }
        let answer = await bench.ask("POST", "/api/sessions", body: Bench.sessionBody(microscope: "scope-2"))
        #expect(answer.json["problems"]?[0]?["field"] == "microscope")
        #expect(
            answer.json["problems"]?[0]?["sentence"]
                == "größe cannot be a folder on the microscope's computer: SerialEM would read ö as other letters.")
    }

    @Test func `a plain name is taken for a microscope behind SerialEM, also where no shared folder holds the session`()
        async throws
    {
        let bench = try await windowsBench { _ in nil }
        _ = try await bench.session(microscope: "scope-2")
    }

    @Test func `a group that the facility has not listed is refused by the name of those that it has`() async throws {
        let bench = try await Bench()
        let free = await bench.ask("POST", "/api/sessions", as: .staff, body: Bench.sessionBody("a", group: "new"))
        #expect(free.status == 201)
        try await bench.accounts.addGroup("imaging", by: .bench)
        let listed = await bench.ask("POST", "/api/sessions", as: .staff, body: Bench.sessionBody("b", group: "new"))
        #expect(listed.status == 201)
        let refused = await bench.ask("POST", "/api/sessions", as: .staff, body: Bench.sessionBody("c", group: "nwe"))
        #expect(refused.status == 400)
        #expect(
            refused.json["problems"]?[0] == [
                "field": "group", "sentence": "There is no group nwe; there are demo, imaging, new, others.",
            ])
    }

    @Test func `a session's forecast counts its work, and learns from none of another microscope`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let forecast = await bench.ask("GET", "/api/sessions/\(session)/forecast").json
        #expect(forecast["grids"]?.int == 2 && forecast["squares"]?.int == 4 && forecast["sessions"]?.int == 0)
        let (low, high) = (forecast["low"]?.double ?? 0, forecast["high"]?.double ?? 0)
        #expect(low > 0 && low < forecast["seconds"]?.double ?? 0 && high > forecast["seconds"]?.double ?? 0)
        #expect(forecast["took"] == nil)
        #expect(await bench.ask("GET", "/api/sessions/none/forecast").status == 404)
    }

    @Test func `a session that is only thought of is forecast by the same rules`() async throws {
        let bench = try await Bench()
        let made = await bench.ask("GET", "/api/sessions/\(try await bench.session())/forecast").json
        func forecast(_ changes: [String: String]) async -> Answer {
            let query = ["microscope": "scope-1", "detector": "camera-scope-1"].merging(changes) { $1 }
            return await bench.ask("GET", "/api/forecast", query: query)
        }
        let thought = await forecast(["grids": "3", "settings": #"{"squaresPerGrid":2,"holesPerSquare":3}"#]).json
        #expect(thought["grids"]?.int == 3 && thought["squares"]?.int == 6 && thought["holes"]?.int == 18)
        #expect(thought["neededBytes"]?.int ?? 0 > 0 && made["neededBytes"]?.int ?? 0 > 0)
        #expect(thought["risks"]?.items?.isEmpty == false)
        for wrong in [["grids": "13"], ["settings": "{"], ["settings": "3"]] {
            #expect(await forecast(wrong).status == 400, "\(wrong)")
        }
        let refused = await forecast(["settings": #"{"squaresPerGrid":-1}"#])
        #expect(refused.status == 400 && refused.json["problems"]?[0]?["field"]?.text == "settings.squaresPerGrid")
        for unknown in [["microscope": "none"], ["detector": "none"], ["detector": "camera-scope-2"]] {
            #expect(await forecast(unknown).status == 404, "\(unknown)")
        }
    }

    @Test func `a group has each name once`() async throws {
        let bench = try await Bench()
        _ = try await bench.session("tubulin")
        let again = await bench.ask("POST", "/api/sessions", body: Bench.sessionBody("tubulin"))
        #expect(again.status == 409)
        #expect(again.code == "store.nameTaken")
        #expect(
            await bench.ask("POST", "/api/sessions", as: .stranger, body: Bench.sessionBody("tubulin", group: "others")).status
                == 201)
    }

    @Test func `the list holds what one may see, newest first, in pages`() async throws {
        let bench = try await Bench()
        let ids = [
            try await bench.session("one"), try await bench.session("two"), try await bench.session("three", group: "others"),
        ]
        func list(_ somebody: Bench.Somebody, _ query: [String: String] = [:]) async -> Answer {
            await bench.ask("GET", "/api/sessions", as: somebody, query: query)
        }
        func names(_ answer: Answer) -> [String] { (answer.json["items"]?.items ?? []).compactMap { $0["name"]?.text } }
        #expect(names(await list(.staff)) == ["three", "two", "one"])
        #expect(names(await list(.viewer)) == ["three", "two", "one"])
        #expect(names(await list(.member)) == ["two", "one"])
        #expect(names(await list(.member, ["group": "others"])) == [])
        #expect(names(await list(.stranger)) == ["three"])
        #expect(names(await list(.staff, ["q": "T"])) == ["three", "two"])
        #expect(names(await list(.staff, ["status": "running"])) == [])
        #expect(await list(.staff, ["status": "odd"]).status == 400)
        let first = await list(.staff, ["limit": "2"])
        #expect(first.json["next"]?.text == ids[1].rawValue)
        #expect(names(await list(.staff, ["limit": "2", "after": ids[1].rawValue])) == ["one"])
        #expect(await list(.staff, ["limit": "0"]).status == 400)
    }

    @Test func `a session tells what its reader may do, and a true status`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        try await bench.record(.runStarted(RunStarted(by: "x", host: "h", pid: 1, epoch: 1, forced: false)), of: session)
        let shown = await bench.ask("GET", "/api/sessions/\(session)", as: .viewer).json
        #expect(shown["status"] == "interrupted")
        #expect(shown["me"] == ["controls": false, "staff": false])
        #expect(shown["readings"]?.fields != nil)
        #expect(await bench.ask("GET", "/api/sessions/\(session)", as: .staff).json["me"] == ["controls": true, "staff": true])
        let listed = await bench.ask("GET", "/api/sessions").json
        #expect(listed["items"]?[0]?["status"] == "interrupted")
        #expect(await bench.ask("GET", "/api/sessions/\(session)/queue").json == ["items": [], "version": 0])
    }

    @Test func `events are read in pages, log lines by level and text`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        for number in 1...5 {
            try await bench.record(
                .pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: number % 2 == 0, by: "member")), of: session,
                lines: [LogEntry(log: .imaging, line: LogLine(number == 3 ? .warning : .info, "test", "Line \(number)"))])
        }
        let events = await bench.ask("GET", "/api/sessions/\(session)/events", query: ["limit": "4"]).json
        #expect(
            events["items"]?.items?.map { $0["type"]?.text } == ["sessionCreated"]
                + Array(repeating: "pauseBetweenGridsSet", count: 3))
        let next = try #require(events["next"]?.int)
        let rest = await bench.ask("GET", "/api/sessions/\(session)/events", query: ["after": "\(next)"]).json
        #expect(rest["items"]?.items?.count == 2 && rest["next"] == .null)
        let path = "/api/sessions/\(session)/logs/imaging"
        let warnings = await bench.ask("GET", path, query: ["level": "warning,error"]).json
        #expect(warnings["items"]?.items?.map { $0["message"]?.text } == ["Line 3"])
        #expect(await bench.ask("GET", path, query: ["q": "line 5"]).json["items"]?.items?.count == 1)
        #expect(await bench.ask("GET", path, query: ["level": "loud"]).status == 400)
        let newest = await bench.ask("GET", path, query: ["limit": "2", "newest": "true", "counts": "true", "q": "line"]).json
        #expect(newest["items"]?.items?.map { $0["message"]?.text } == ["Line 4", "Line 5"])
        // Of the whole log: one line more says that the session was made.
        #expect(newest["counts"] == ["info": 5, "warning": 1] && newest["upTo"] == newest["items"]?[1]?["n"])
        #expect(await bench.ask("GET", path, query: ["newest": "yes"]).status == 400)
        #expect(await bench.ask("GET", "/api/sessions/\(session)/logs/other").status == 404)
        let file = await bench.ask("GET", "\(path)/download")
        #expect(file.headers["content-disposition"] == "attachment; filename=\"first_imaging.log\"")
        #expect(file.text.contains("2026-11-22 20:00:00.000+00:00 [test - WARNING] Line 3\n"))
    }
}
