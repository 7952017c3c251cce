import JSONText
import RunModel
import Store
import Testing

@testable import RunAPI

@Suite struct ChangeRoutesTests {
    @Test func `a setting is changed and the others stay`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let before = try #require(try bench.store.state(of: session)?.state.session.settings)
        let body: JSONValue = ["settings": ["squaresPerGrid": 7, "defocus": ["weakest": -0.5]]]
        let answer = await bench.ask("PUT", "/api/sessions/\(session)/settings", body: body)
        #expect(answer.status == 202)
        var wanted = before
        (wanted.squaresPerGrid, wanted.defocus.weakest) = (7, .micrometres(-0.5))
        #expect(try bench.store.state(of: session)?.state.session.settings == wanted)
        let event = try bench.store.events(on: .session(session), after: 0, limit: 100).last
        #expect(event?.type == "settingsChanged" && event?.command?.rawValue == answer.json["command"]?.text)
        let line = try bench.store.logLines(of: session, log: .imaging, limit: 100).last?.line.message
        #expect(
            line
                == "member changed the settings: squaresPerGrid 2 → 7; defocus −1.00 to −2.00 in 0.25 µm → −0.50 to −2.00 in 0.25 µm"
        )
    }

    @Test(arguments: [
        ("{\"squaresPerGrid\":-1}", "settings.squaresPerGrid"), ("{\"tilt\":1}", "settings.tilt"), ("5", "settings"),
        ("{\"defocus\":{\"weakest\":-5}}", "settings.defocus"),
    ]) func `a setting that cannot be is named`(_ settings: String, _ field: String) async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let answer = await bench.ask(
            "PUT", "/api/sessions/\(session)/settings", body: ["settings": try JSONText.parse(settings)])
        #expect(answer.status == 400)
        #expect(answer.json["problems"]?.items?.first?["field"]?.text == field)
    }

    @Test func `what can no longer be changed is refused with the reason`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        _ = await bench.ask("POST", "/api/sessions/\(session)/start")
        let answer = await bench.ask("PUT", "/api/sessions/\(session)/settings", body: ["settings": ["tiltAngle": 20]])
        #expect(answer.status == 409 && answer.code == "session.settings")
        #expect(answer.json["sentence"]?.text == "The stage is tilted by the run: stop it before you change the tilt.")
    }

    @Test func `grids are added, described anew and put into another order`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let path = "/api/sessions/\(session)"
        let late: JSONValue = ["position": 9, "name": "late", "recipe": "spa"]
        #expect(await bench.ask("POST", "\(path)/grids", body: late).status == 202)
        let again = await bench.ask("POST", "\(path)/grids", body: late)
        #expect(again.status == 409 && again.code == "grid.taken")
        let renamed: JSONValue = ["name": "latest", "recipe": "spa", "holeType": "R2/1", "meshMaterial": "gold"]
        #expect(await bench.ask("PUT", "\(path)/grids/\(session).g9", body: renamed).status == 202)
        let order: JSONValue = ["order": .array([9, 1, 2].map { .string("\(session).g\($0)") })]
        #expect(await bench.ask("PUT", "\(path)/grid-order", body: order).status == 202)
        let grids = try #require(try bench.store.state(of: session)?.state.grids)
        #expect(grids.map(\.grid.slot) == [9, 1, 2])
        #expect(grids[0].grid.name == "latest" && grids[0].grid.holeType == "R2/1")
        let report = await bench.ask("GET", "/api/grids/\(session).g9")
        #expect(report.json["grid"]?["name"]?.text == "latest")
        #expect(try bench.store.session(session)?.grids == 3)
    }

    @Test func `a grid whose recipe is gone can be renamed, and no other grid takes that recipe`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let grid = Grid(id: GridID(session, slot: 9), name: "old", slot: 9, holeType: nil, meshMaterial: nil, recipe: "gone")
        _ = try bench.store.append(
            Entry(session: session, events: [.gridAdded(GridDescribed(grid: grid, by: "staff"))]), at: Timestamp(milliseconds: 0))
        let path = "/api/sessions/\(session)/grids"
        #expect(await bench.ask("PUT", "\(path)/\(session).g9", body: ["name": "new", "recipe": "gone"]).status == 202)
        #expect(try bench.store.state(of: session)?.state.grids.last?.grid.name == "new")
        #expect(await bench.ask("PUT", "\(path)/\(session).g1", body: ["name": "new", "recipe": "gone"]).status == 400)
        #expect(await bench.ask("PUT", "\(path)/\(session).g8", body: ["name": "new", "recipe": "spa"]).status == 404)
    }

    @Test(arguments: [
        ("POST", "grids", #"{"position":13,"name":"x","recipe":"spa"}"#),
        ("POST", "grids", #"{"position":3,"name":"..","recipe":"spa"}"#),
        ("POST", "grids", #"{"position":3,"name":"x","recipe":"none"}"#), ("PUT", "grid-order", #"{"order":[]}"#),
        ("PUT", "grid-order", #"{"order":[1]}"#),
    ]) func `a grid or an order that cannot be is refused, and nothing changes`(
        _ method: String, _ path: String, _ text: String
    ) async throws {
        let body = try JSONText.parse(text)
        let bench = try await Bench()
        let session = try await bench.session()
        #expect(await bench.ask(method, "/api/sessions/\(session)/\(path)", body: body).status == 400)
        #expect(try bench.store.state(of: session)?.state.grids.count == 2)
    }

    @Test func `a grid of another session is not changed by way of one's own`() async throws {
        let bench = try await Bench()
        let (own, other) = (try await bench.session("own"), try await bench.session("hidden", group: "others"))
        let body: JSONValue = ["name": "mine", "recipe": "spa"]
        #expect(await bench.ask("PUT", "/api/sessions/\(own)/grids/\(other).g1", body: body).status == 403)
        #expect(try bench.store.state(of: other)?.state.grids[0].grid.name != "mine")
    }

    @Test func `notes are written field by field`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let path = "/api/grids/\(session).g1/notes"
        func notes() async -> JSONValue? { await bench.ask("GET", "/api/grids/\(session).g1").json["notes"] }
        #expect(await bench.ask("PUT", path, body: ["quality": "good"]).status == 202)
        #expect(await bench.ask("PUT", path, body: ["notes": "<b>thin</b> ice"]).status == 202)
        let written = await notes()
        #expect(written?["quality"]?.text == "good" && written?["text"]?.text == "<b>thin</b> ice")
        #expect(written?["by"]?.text == "member")
        #expect(await bench.ask("PUT", path, body: ["quality": .null, "notes": ""]).status == 202)
        #expect(await notes() == nil)
        for body: JSONValue in [["quality": "fair"], ["notes": "two\nlines"], ["notes": 5], ["rating": "great"]] {
            #expect(await bench.ask("PUT", path, body: body).status == 400)
        }
        #expect(await bench.ask("PUT", path, as: .viewer, body: ["notes": "x"]).status == 403)
    }

    @Test func `an image that is not there is not rated`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let path = "/api/micrographs/\(session).g1.s1.h1.m1/rating"
        #expect(await bench.ask("PUT", path, body: ["rating": "great"]).code == "image.unknown")
        #expect(await bench.ask("PUT", path, body: ["rating": "fine"]).status == 400)
        #expect(await bench.ask("PUT", path, body: [:]).status == 400)
        #expect(await bench.ask("PUT", "/api/micrographs/\(session).g1/rating", body: ["rating": .null]).status == 404)
    }
}
