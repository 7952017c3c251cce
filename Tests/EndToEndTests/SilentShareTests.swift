import Foundation
import JSONText
import TestSupport
import Testing

extension EndToEndTests {
    @Suite struct SilentShareTests {
        @Test(.enabled(if: HangingShare.isPossible, "A disk of its own takes root, and its silence a compiler for C."))
        func `while one share hangs, the other microscope, every page and every command go on`() async throws {
            let folder = try TemporaryFolder()
            let share = try HangingShare(at: folder.path(of: "data/sessions/share"), in: folder)
            let config = folder.path(of: "config.yaml")
            try "processing: {workers: 1}".write(toFile: config, atomically: true, encoding: .utf8)
            let server = try await ServerProcess(data: folder.path(of: "data"), speed: 300, config: config, share: share)
            let staff = try await Visitor("staff", on: server)
            let lost = try await staff.session("lost", in: "share", on: 2)
            let healthy = try await staff.session("healthy", in: "demo", on: 1)
            let lostGrid = try await staff.watch("grid/\(lost).g1")
            let (page, grid) = (try await staff.watch("session/\(healthy)"), try await staff.watch("grid/\(healthy).g1"))
            #expect(try await staff.start(lost).status == 202)
            let lostMovie = try await lostGrid.next("exposureSaved").micrograph
            // The only worker has one of both movies in work from here on.
            _ = try await lostGrid.next("exposureSaved")

            try share.silence()
            #expect(try await staff.start(healthy).status == 202)
            let movie = try await grid.next("exposureSaved").micrograph
            async let outcomes = grid.outcomes(6)
            let refused = try await staff.get("/api/targets/\(lostMovie)/raw.mrc?kind=movie")
            #expect(refused.status == 503)
            #expect(refused.json["sentence"]?.text?.hasPrefix("The disk at \(share.place) has not answered for ") == true)
            for path in [
                "/", "/static/app.js", "/api/sessions/\(lost)", "/api/sessions/\(healthy)",
                "/api/targets/\(movie)/raw.mrc?kind=movie",
            ] {
                #expect(try await promptly(path) { try await staff.get(path).status } == 200)
            }
            #expect(
                try await promptly("the silent download, asked again") {
                    try await staff.get("/api/targets/\(lostMovie)/raw.mrc?kind=movie").status
                } == 503)
            #expect(try await staff.carryToTheEnd(healthy, on: page) == "runCompleted")
            let grids = try await staff.get("/api/sessions/\(healthy)").json.found("grids")?.items ?? []
            #expect(grids.map { $0["images"]?.int } == [6])
            #expect(try await outcomes == Array(repeating: "micrographProcessed", count: 6))
            let workers = try await staff.get("/api/sessions/\(lost)/staff").json["workers"]?.int
            #expect(workers == 1, "A movie of the lost session hangs in its worker.")
            let lostPage = try await promptly("a page of the silent microscope") { try await staff.watch("session/\(lost)") }
            #expect(try await promptly("Stop") { try await staff.post("/api/sessions/\(lost)/stop").status } == 202)
            #expect(try await promptly("Force-kill") { try await staff.post("/api/sessions/\(lost)/force-kill").status } == 202)
            #expect(try await lostPage.next("runKilled")["type"]?.text == "runKilled")
            // It ends in order all the same.
            #expect(try await server.end(by: SIGTERM) == 0)
        }

        /// Within a second, whatever hangs.
        private func promptly<Value>(_ what: String, _ body: () async throws -> Value) async throws -> Value {
            let start = ContinuousClock.now
            let value = try await body()
            let took = ContinuousClock.now - start
            #expect(took < .seconds(1), "\(what) took \(took)")
            return value
        }
    }
}

extension Visitor {
    /// One grid with a square of three holes, two exposures each, on one of the demo's microscopes.
    fileprivate func session(_ name: String, in group: String, on microscope: Int) async throws -> String {
        let suffix = microscope == 1 ? "" : "-\(microscope)"
        let answer = try await post(
            "/api/sessions",
            [
                "name": .string(name), "group": .string(group), "microscope": .string("demo-scope\(suffix)"),
                "detector": .string("demo-camera\(suffix)"),
                "settings": [
                    "atlasTiles": 1, "squaresPerGrid": 1, "holesPerSquare": 3, "exposuresPerHole": 2, "movie": ["frames": 2],
                    "diskReserve": 0,
                ],
                "grids": [["name": "grid_1", "position": 1, "holeType": "R1.2/1.3", "recipe": "spa"]],
            ])
        #expect(answer.status == 201)
        return try #require(answer.json["id"]?.text)
    }
}

extension Page {
    /// What became of the next movies: types of events.
    fileprivate func outcomes(_ count: Int) async throws -> [String] {
        var types: [String] = []
        while types.count < count { types.append(try await next("micrographProcessed", "processingFailed")["type"]?.text ?? "") }
        return types
    }
}

extension JSONValue {
    fileprivate var micrograph: String { self["data"]?["micrograph"]?.text ?? "" }
}
