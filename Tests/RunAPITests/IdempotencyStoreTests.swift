import Blocking
import Dispatch
import JSONText
import RunModel
import Testing

@testable import RunAPI

@Suite struct IdempotencyStoreTests {
    private func start(_ bench: Bench, _ session: SessionID, key: String, as somebody: Bench.Somebody = .member) async -> Answer {
        await bench.ask("POST", "/api/sessions/\(session)/start", as: somebody, headers: ["idempotency-key": key])
    }

    @Test func `the same key gives the same answer and does nothing twice`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let first = await start(bench, session, key: "k1")
        let second = await start(bench, session, key: "k1")
        #expect(first.status == 202)
        #expect(second.status == 202 && first.json == second.json)
        #expect(try bench.store.events(on: .session(session), after: 0, limit: 100).count { $0.type == "startRefused" } == 0)
    }

    @Test func `twenty doubles at once do the thing once`() async throws {
        let bench = try await Bench()
        let answers = await withTaskGroup(of: String.self) { group in
            for _ in 1...20 {
                group.addTask {
                    let answer = await bench.ask(
                        "POST", "/api/sessions", body: Bench.sessionBody("double"), headers: ["idempotency-key": "same"])
                    return "\(answer.status) \(answer.text)"
                }
            }
            return await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers.count == 1)
        #expect(answers.first?.hasPrefix("201") == true)
        #expect(try bench.store.sessions().count == 1)
    }

    @Test func `a key for another request is refused`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        _ = await start(bench, session, key: "k1")
        let other = await bench.ask(
            "PUT", "/api/sessions/\(session)/pause-between-grids", body: ["enabled": false], headers: ["idempotency-key": "k1"])
        #expect(other.status == 422)
        #expect(other.code == "request.keyReused")
        #expect(try bench.store.state(of: session)?.state.pauseBetweenGrids == true)
    }

    @Test func `keys are a person's own`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        #expect(await start(bench, session, key: "k1").status == 202)
        #expect(await start(bench, session, key: "k1", as: .staff).code == "session.running")
    }

    @Test func `a key is forgotten after a day`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        _ = await start(bench, session, key: "k1")
        bench.pass(seconds: 86_401)
        #expect(await start(bench, session, key: "k1").code == "session.running")
    }

    @Test func `a refusal is answered again as it was`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let path = "/api/sessions/\(session)/stop"
        let first = await bench.ask("POST", path, headers: ["idempotency-key": "k"])
        _ = await bench.ask("POST", "/api/sessions/\(session)/start")
        let second = await bench.ask("POST", path, headers: ["idempotency-key": "k"])
        #expect(first.code == "session.notRunning")
        #expect(second.text == first.text && second.headers["content-type"] == "application/problem+json")
    }

    @Test func `a command that was accepted stays accepted when its answer cannot be kept`() async throws {
        let bench = try await Bench()
        let (lines, silence) = (Lines(), DispatchSemaphore(value: 0))
        var services = bench.api.services
        services.configuration.log = { lines.append($0) }
        services.reads = BlockingLane("test")
        let idempotency = IdempotencyStore(services)
        let call = bench.call("POST", "/api/sessions/s/start", headers: ["idempotency-key": "k1"])
        let answer = try await idempotency.once(call) { [reads = services.reads] () async throws(Problem) in
            // From now on the store is silent.
            while reads.silence == nil { _ = try? await reads.run(deadline: .milliseconds(5)) { silence.wait() } }
            return .accepted("c1")
        }
        silence.signal()
        #expect(answer.status == 202)
        #expect(lines.all.count == 1)
    }

    @Test(arguments: ["", "with blanks", String(repeating: "k", count: 129)]) func `a key of another form is refused`(
        _ key: String
    ) async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        #expect(await start(bench, session, key: key).code == "request.idempotencyKey")
    }
}
