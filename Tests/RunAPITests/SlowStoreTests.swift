import Dispatch
import RunModel
import Testing

@testable import RunAPI

@Suite struct SlowStoreTests {
    @Test func `a request asks the store on no thread that others need`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let silence = await SilentStore(bench)
        let (threads, steps) = (SharedThreads(), Lines())
        let asking = Task(executorPreference: threads) {
            let answer = await bench.ask("GET", "/api/sessions/\(session)", as: .stranger)
            steps.append("answered")
            return answer.status
        }
        await threads.settle()
        steps.append("the store answers")
        silence.end()
        #expect(await asking.value == 403)
        #expect(steps.all == ["the store answers", "answered"])
    }

    @Test func `a run that ends while the list is read does not show as interrupted`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        #expect(await bench.ask("POST", "/api/sessions/\(session)/start").status == 202)
        let silence = await SilentStore(bench)
        let threads = SharedThreads()
        let asking = Task(executorPreference: threads) { await bench.ask("GET", "/api/sessions", as: .staff) }
        await threads.settle()
        // What the store says now is heard only after the run has ended.
        threads.suspend()
        silence.end()
        await SilentStore(bench).end()
        // Leaving the column takes its time.
        let passing = Task { while let wait = try? await bench.engineClock.nextSleep() { bench.engineClock.advance(by: wait) } }
        #expect(await bench.ask("POST", "/api/sessions/\(session)/force-kill", as: .staff).status == 202)
        passing.cancel()
        threads.resume()
        #expect(await asking.value.json["items"]?[0]?["status"] == "killed")
    }

    @Test func `events keep their order on a page while the store is slow`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let page = await bench.page(as: .staff)
            await bench.subscribe(page, "facility")
            await bench.subscribe(page, "session/\(session)")
            bench.api.services.groups.forgetAll()
            let silence = await SilentStore(bench)
            try await bench.record(
                .runStarted(RunStarted(by: "member", host: "h", pid: 1, epoch: 1, forced: false)), of: session)
            try await bench.record(.pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: false, by: "member")), of: session)
            silence.end()
            await page.wait { frames, _, _ in frames.count { $0["kind"]?.text == "event" } == 3 }
            let events = page.frames.filter { $0["kind"]?.text == "event" }
            #expect(events.map(\.seq) == events.map(\.seq).sorted())
        }
    }
}

/// Stands in for the threads that all tasks share.
private final class SharedThreads: TaskExecutor {
    private let queue = DispatchQueue(label: "shared threads")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    func suspend() { queue.suspend() }
    func resume() { queue.resume() }

    /// Returns once everything has run as far as it can for now.
    func settle() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }
}

/// Keeps every thread that may ask the store busy until its end.
private final class SilentStore: Sendable {
    private let silence = DispatchSemaphore(value: 0)
    private let lanes = 2

    init(_ bench: Bench) async {
        let (begun, begin) = AsyncStream<Void>.makeStream()
        for _ in 0..<lanes {
            Task { [silence] in
                try await bench.api.services.reads.run { () -> Void in
                    begin.yield()
                    silence.wait()
                }
            }
        }
        var waiting = begun.makeAsyncIterator()
        for _ in 0..<lanes { await waiting.next() }
    }

    func end() {
        for _ in 0..<lanes { silence.signal() }
    }
}
