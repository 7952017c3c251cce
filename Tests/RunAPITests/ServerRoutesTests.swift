import Dispatch
import Foundation
import JSONText
import RunModel
import Testing
import WebServer

@testable import RunAPI

@Suite struct ServerRoutesTests {
    @Test func `health is told to everybody, readiness only once the feed hears the engine`() async throws {
        let bench = try await Bench()
        #expect(await bench.ask("GET", "/healthz", as: nil).json["status"] == "ok")
        #expect(await bench.ask("GET", "/readyz", as: nil).status == 503)
        try await bench.feeding {
            let page = await bench.page(as: .member)
            await bench.subscribe(page, "facility")
            let answer = await bench.ask("GET", "/readyz", as: nil)
            #expect(answer.status == 200)
            #expect(answer.json == ["ready": true, "status": "ready", "parts": ["engine": "ready", "store": "ready"]])
        }
    }

    @Test func `readiness is proved by a write, at most once a second, whoever asks`() async throws {
        let bench = try await Bench()
        var proofs: [Timestamp] = []
        for wait in [0.0, 0.5, 0.6] {
            bench.pass(seconds: wait)
            _ = await bench.ask("GET", "/readyz", as: nil)
            proofs.append(try #require(try bench.store.lastProof()))
        }
        #expect(proofs[1] == proofs[0] && proofs[2] == proofs[0].advanced(bySeconds: 1.1))
    }

    @Test func `a store that cannot be written is not ready, and says so without names of files`() async throws {
        let bench = try await Bench()
        try bench.store.close()
        let answer = await bench.ask("GET", "/readyz", as: nil)
        #expect(answer.status == 503)
        #expect(answer.json["ready"] == false)
        #expect(answer.json["parts"]?["store"]?.text?.hasPrefix("store.") == true)
        #expect(!answer.text.contains("memory"))
    }

    @Test func `when the threads that answer requests have stopped, whoever is answered hears it`() async throws {
        let bench = try await Bench(stalled: ["requests"])
        try await bench.feeding {
            let page = await bench.page(as: .member)
            await bench.subscribe(page, "facility")
            let answer = await bench.ask("GET", "/readyz", as: nil)
            #expect(answer.status == 503 && answer.json["sentence"] == "The threads that answer requests do not.")
            #expect(answer.json["parts"] == ["engine": "ready", "requests": "stalled", "store": "ready"])
        }
    }

    @Test func `when nothing that pages ask of the store is answered, whoever asks hears it`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let page = await bench.page(as: .member)
            await bench.subscribe(page, "facility")
            let (gate, lane) = (DispatchSemaphore(value: 0), bench.api.services.reads)
            for _ in 1...Services.readers { try? await lane.run(deadline: .milliseconds(1)) { gate.wait() } }
            let answer = await bench.ask("GET", "/readyz", as: nil)
            #expect(answer.status == 503 && answer.json["sentence"] == "What pages ask of the store is not answered.")
            #expect(answer.json["parts"] == ["engine": "ready", "reads": "disk.noAnswer", "store": "ready"])
            for _ in 1...Services.readers { gate.signal() }
            while lane.silence != nil { await Task.yield() }
            #expect(await bench.ask("GET", "/readyz", as: nil).status == 200)
        }
    }

    @Test func `an engine that hangs is not ready, and named`() async throws {
        let bench = try await Bench(stalled: ["engine"])
        try await bench.feeding {
            let page = await bench.page(as: .member)
            await bench.subscribe(page, "facility")
            let answer = await bench.ask("GET", "/readyz", as: nil)
            #expect(answer.status == 503)
            #expect(answer.json["parts"] == ["engine": "stalled", "store": "ready"])
            #expect(answer.json["sentence"] == "The engine does not answer.")
        }
    }

    @Test func `metrics are for this machine, or for a token`() async throws {
        let bench = try await Bench()
        let signIn = try await bench.accounts.signIn(username: "staff", password: "password of staff", address: "10.0.0.1")
        #expect(await bench.ask("GET", "/metrics", as: nil).status == 401)
        #expect(await bench.ask("GET", "/metrics", as: nil, headers: ["cookie": "gridpilot=\(signIn.token)"]).status == 401)
        #expect(await bench.ask("GET", "/metrics", as: .viewer).status == 200)
        let answer = Answer(await bench.api.respond(to: HTTPRequest(path: "/metrics", isLoopback: true)))
        #expect(answer.text.contains("\ngridpilot_runs 0\n"))
        let heap = try #require(answer.text.firstMatch(of: /\ngridpilot_heap_used_bytes (\d+)\n/)?.1)
        let store = try #require(answer.text.firstMatch(of: /\ngridpilot_store_memory_bytes (\d+)\n/)?.1)
        #expect(Int(store) ?? 0 > 1 << 12)
        #expect(Int(heap) ?? 0 > max(1 << 20, Int(store) ?? 0))
        #expect(answer.text.contains("gridpilot_http_answers_total{status=\"401\"} 2\n"))
    }

    @Test func `where a token was made for the metrics, being on this machine is not enough`() async throws {
        let bench = try await Bench(metricsToken: "0123456789abcdef")
        func status(_ headers: [String: String]) async -> Int {
            await bench.api.respond(to: HTTPRequest(path: "/metrics", headers: headers, isLoopback: true)).status
        }
        #expect(await status([:]) == 401)
        #expect(await status(["authorization": "Bearer 0123456789abcdef"]) == 200)
    }

    @Test func `the description names every route that is no page`() async throws {
        let bench = try await Bench()
        let paths = try #require(await bench.ask("GET", "/api/openapi.json", as: nil).json["paths"]?.fields)
        for route in bench.api.router.routes where route.contentType != "text/html" && route.path != "/api/openapi.json" {
            #expect(paths[route.path]?[route.method.lowercased()]?["responses"]?["\(route.status)"] != nil, "\(route.path)")
        }
        #expect(paths["/api/sessions/{session}/start"]?["post"]?["x-permission"] == "controlSession")
    }

    @Test(arguments: ["/", "/login", "/sessions", "/sessions/new", "/sessions/s1/run", "/sessions/s1/grids/s1.g2"])
    func `pages are one document`(_ path: String) async throws {
        let bench = try await Bench()
        #expect(await bench.ask("GET", path, as: nil).file == "\(bench.folder.path)/index.html")
    }
}
