import JSONText
import Testing

/// What the tests do with sessions, as somebody at a page would.
extension Visitor {
    /// The session that the demo has made ready on the first microscope.
    func demoSession() async throws -> String {
        let items = try await get("/api/sessions").json["items"]?.items ?? []
        let own = items.first { $0["microscope"]?["id"]?.text == "demo-scope" || $0["microscope"]?.text == "demo-scope" }
        return try #require(own?["id"]?.text)
    }

    /// One that is over soon: a coarse atlas, a square, a hole and two frames on each grid.
    func smallSession(_ name: String, grids: Int = 2, frames: Int = 2, squares: Int = 1) async throws -> String {
        let answer = try await post(
            "/api/sessions",
            [
                "name": .string(name), "group": "demo", "microscope": "demo-scope", "detector": "demo-camera",
                "settings": [
                    "atlasTiles": 1, "squaresPerGrid": .integer(squares), "holesPerSquare": 1,
                    "movie": ["frames": .integer(frames)],
                    "diskReserve": 0,
                ],
                "grids": .array(
                    (1...grids).map {
                        ["name": .string("grid_\($0)"), "position": .integer($0), "holeType": "R1.2/1.3", "recipe": "spa"]
                    }),
            ])
        #expect(answer.status == 201)
        return try #require(answer.json["id"]?.text)
    }

    /// Two grids with several holes and exposures each: enough to be killed in.
    func crashSession(_ name: String) async throws -> String {
        let answer = try await post(
            "/api/sessions",
            [
                "name": .string(name), "group": "demo", "microscope": "demo-scope", "detector": "demo-camera",
                "settings": [
                    "atlasTiles": 1, "squaresPerGrid": 1, "holesPerSquare": 3, "exposuresPerHole": 2, "movie": ["frames": 2],
                    "diskReserve": 0,
                ],
                "grids": .array(
                    (1...2).map {
                        ["name": .string("grid_\($0)"), "position": .integer($0), "holeType": "R1.2/1.3", "recipe": "spa"]
                    }),
            ])
        #expect(answer.status == 201)
        return try #require(answer.json["id"]?.text)
    }

    func start(_ session: String) async throws -> Answer { try await post("/api/sessions/\(session)/start") }

    func status(of session: String) async throws -> String? {
        try await get("/api/sessions/\(session)").json.found("status")?.text
    }

    /// Answers every question of a run until it ends; returns the type of its last event.
    func carryToTheEnd(_ session: String, on page: Page) async throws -> String {
        if let open = page.snapshot["state"]?["prompt"], !open.isNull { try await answer(open, of: session) }
        while true {
            let event = try await page.next(
                "promptRaised", "runCompleted", "runStopped", "runFailed", "runInterrupted", "runKilled")
            guard event["type"]?.text == "promptRaised", let prompt = event["data"] else { return event["type"]?.text ?? "" }
            try await answer(prompt, of: session)
        }
    }

    /// On to the next grid; an exposure that nobody can tell of is left as it is.
    private func answer(_ prompt: JSONValue, of session: String) async throws {
        let id = try #require(prompt["id"]?.text)
        let answer: JSONValue = prompt["kind"]?.text == "gridFinished" ? "next" : "leave"
        #expect(try await post("/api/sessions/\(session)/prompts/\(id)", ["answer": answer]).status == 202)
    }
}

extension JSONValue {
    /// A member of this object, or of its `state`.
    func found(_ name: String) -> JSONValue? { self[name] ?? self["state"]?[name] }
}
