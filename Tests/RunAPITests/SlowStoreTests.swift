import Blocking
import Dispatch
import Engine
import RunModel
import Store
import Synchronization
import Testing
import WebServer

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

    @Test(.timeLimit(.minutes(2))) func `a force-kill acts while the store is silent, and its row in the audit log follows`()
        async throws
    {
        let bench = try await Bench(urgentPatience: .milliseconds(10))
        try await bench.feeding {
            let session = try await bench.session()
            #expect(await bench.ask("POST", "/api/sessions/\(session)/start").status == 202)
            for _ in 1...3 { _ = try await bench.clock.nextSleep() }
            let silences = [await SilentStore(bench), await SilentStore(bench.api.services.audit.lane, width: 1)]
            let passing = Task {
                while let wait = try? await bench.engineClock.nextSleep() { bench.engineClock.advance(by: wait) }
            }
            let kill = await bench.ask(
                "POST", "/api/sessions/\(session)/force-kill", as: .staff, headers: ["idempotency-key": "k"])
            passing.cancel()
            #expect(kill.status == 202)
            // Refused, and noted behind the first.
            let again = await bench.ask(
                "POST", "/api/sessions/\(session)/force-kill", as: .staff, headers: ["idempotency-key": "l"])
            #expect(again.code == "session.nothingToKill")
            await bench.api.services.audit.write()
            #expect(bench.lines.all.contains { $0.hasPrefix("forceKill on session/\(session) by staff (asked ") })
            #expect(try bench.store.audit().count { $0.entry.act == "forceKill" } == 0)
            for silence in silences { silence.end() }
            bench.clock.advance(by: .seconds(2))
            for _ in 1...3 { _ = try await bench.clock.nextSleep() }
            await bench.api.services.audit.write()
            let rows = try bench.store.audit().filter { $0.entry.act == "forceKill" }
            #expect(rows.map(\.entry.outcome.word) == ["refused", "asked", "taken", "asked"])
        }
    }

    @Test(.timeLimit(.minutes(2))) func `a stop with a key is heard while nobody can say whether the key was used`() async throws
    {
        let bench = try await Bench(urgentPatience: .milliseconds(10))
        let session = try await bench.session()
        #expect(await bench.ask("POST", "/api/sessions/\(session)/start").status == 202)
        let silence = await SilentStore(bench)
        let stop = await bench.ask("POST", "/api/sessions/\(session)/stop", headers: ["idempotency-key": "k"])
        #expect(stop.status == 202)
        silence.end()
    }

    @Test(.timeLimit(.minutes(2))) func `a stop that was called accepted and is refused later is refused in the audit log too`()
        async throws
    {
        let bench = try await Bench(urgentPatience: .milliseconds(10))
        let session = try await bench.session()
        #expect(await bench.ask("POST", "/api/sessions/\(session)/start").status == 202)
        let call = Call(
            request: HTTPRequest(method: "POST", path: "/"), requester: nil, parameters: ["session": session.rawValue],
            command: "c1")
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        try await bench.api.services.askingAtOnce("stop", call) { () async throws(EngineError) in
            for await _ in gate { break }
            throw .notRunning
        }
        open.yield()
        while try bench.store.audit(AuditFilter(act: "stop")).isEmpty, !Task.isCancelled { await Task.yield() }
        let row = try #require(try bench.store.audit(AuditFilter(act: "stop")).first?.entry)
        #expect(row.outcome == .refused(code: "session.notRunning") && row.detail["command"] == "c1")
    }

    @Test func `three questions that hang leave the store to others`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        let (gate, lane) = (DispatchSemaphore(value: 0), bench.api.services.reads)
        for _ in 1..<Services.readers {
            await #expect(throws: BlockingProblem.self) { try await lane.run(deadline: .milliseconds(1)) { gate.wait() } }
            #expect(await bench.ask("GET", "/api/sessions/\(session)/events", as: .staff).status == 200)
        }
        for _ in 1..<Services.readers { gate.signal() }
    }

    @Test func `a whole log is not read on the threads that others wait for`() async throws {
        let bench = try await Bench()
        let session = try await bench.session()
        // Whose session it is is known from now on without asking the store.
        #expect(await bench.ask("GET", "/api/sessions/\(session)").status == 200)
        let silence = await SilentStore(bench)
        #expect(await bench.ask("GET", "/api/sessions/\(session)/logs/imaging/download").status == 200)
        silence.end()
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

    @Test(.timeLimit(.minutes(2))) func `beats go on, and a page whose rights changed is told nothing until the store answers`()
        async throws
    {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let topic = "session/\(session)"
            let others = await bench.page(as: .staff)
            await bench.subscribe(others, topic)
            let changed = try await bench.pageOfStrangerWhoWasMember()
            for name in ["facility", topic] { await bench.subscribe(changed, name) }
            let silence = await SilentStore(bench)
            for count in 1...3 {
                try await bench.settle()
                bench.clock.advance(by: .seconds(2))
                for page in [others, changed] {
                    await page.wait { frames, _, _ in frames.count { $0.isOf("heartbeat", nil) } >= count }
                }
            }
            let told = (frames: changed.frames.count, readings: changed.readings.count)
            try await bench.record(.pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: false, by: "member")), of: session)
            await bench.engine.journal.tell(.heard(session, bench.now))
            await others.wait { frames, readings, _ in
                frames.contains { $0.isOf("event", topic) } && readings.last?["type"]?.text == "heard"
            }
            // What is told to all pages is told in one go.
            _ = await bench.api.feed.pageCount
            #expect(changed.frames.count == told.frames && changed.readings.count == told.readings)
            silence.end()
            #expect(await changed.first("problem", on: topic)["code"] == "permission.denied")
            await changed.wait { frames, _, _ in frames.count { $0.isOf("snapshot", "facility") } == 2 }
            #expect(changed.count("event", on: topic) == 0)
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [false, true])
    func `no reading of a topic comes before its snapshot, and none is lost, however many join`(isRunning: Bool) async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            if isRunning { #expect(await bench.ask("POST", "/api/sessions/\(session)/start").status == 202) }
            let (feed, topics) = (bench.api.feed, ["session/\(session)", "facility"])
            let watching = await bench.page(as: .staff)
            await bench.subscribe(watching, topics[0])
            let silence = await SilentStore(bench)
            var pages: [PushPage] = []
            for _ in 1...20 { pages.append(await bench.page(as: .viewer)) }
            let joining = Task { [pages] in
                await withTaskGroup(of: Void.self) { group in
                    for page in pages { for topic in topics { group.addTask { await bench.subscribe(page, topic) } } }
                }
            }
            for page in pages {
                while await feed.pages[page.id]?.subscriptions.count != 2 { await Task.yield() }
            }
            let disk = DiskReading(
                path: "/data", totalBytes: 100, freeBytes: 50, reserveBytes: 1, bytesPerHour: 0, level: .fine, neededBytes: 0,
                trend: [])
            await feed.hear(.reading(.disk(session, disk), at: bench.now))
            await feed.hear(.reading(.heard(session, bench.now), at: bench.now))
            await feed.tellWatchers(of: session)
            silence.end()
            await joining.value
            for page in pages {
                for topic in topics {
                    let told = page.all.filter { $0["topic"]?.text == topic }
                    #expect(told.first?["kind"] == "snapshot")
                    #expect(told.contains { $0["type"] == "disk" })
                }
                #expect(page.readings.contains { $0["type"] == "watchers" })
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func `a joining under way when a topic falls into doubt comes to nothing`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let (page, feed) = (await bench.page(as: .member), bench.api.feed)
            let silence = await SilentStore(bench)
            let joining = Task { await bench.subscribe(page, "facility") }
            while await feed.pages[page.id]?.subscriptions[.facility] == nil { await Task.yield() }
            await feed.begin(.facility, page.id, isInDoubt: true)
            silence.end()
            await joining.value
            #expect(page.count("snapshot") == 0)
        }
    }

    @Test(.timeLimit(.minutes(2))) func `news missed while rights are looked at is not caught up with the old ones`() async throws
    {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            // The first look at the accounts, which would find that this one is no member, is over.
            try await bench.settle()
            let page = try await bench.pageOfStrangerWhoWasMember()
            await bench.subscribe(page, "session/\(session)")
            bench.api.services.groups.forgetAll()
            let (silence, threads) = (await SilentStore(bench), SharedThreads())
            bench.clock.advance(by: .seconds(2))
            _ = await page.first("heartbeat")
            let catchingUp = Task(executorPreference: threads) { await bench.api.feed.hear(.missed(1)) }
            await threads.settle()
            silence.end()
            await catchingUp.value
            await page.wait { frames, _, _ in
                frames.contains { $0.isOf("problem", nil) } || frames.count { $0.isOf("snapshot", nil) } > 1
            }
            #expect(page.count("snapshot") == 1)
        }
    }
}

extension Bench {
    /// A page that was opened when its user was still a member of the group.
    fileprivate func pageOfStrangerWhoWasMember() async throws -> PushPage {
        let (page, token) = (PushPage(), token(of: .stranger))
        var person = try #require(accounts.person(forToken: token))
        person.groups.insert("demo")
        await api.feed.connected(page, Requester(person: person, token: token, usesCookie: true))
        return page
    }

    /// Heartbeat, sign-ins and accounts sleep for a second or two each.
    fileprivate func settle() async throws {
        for _ in 1...3 { _ = try await clock.nextSleep() }
    }
}

/// Stands in for the threads that all tasks share.
private final class SharedThreads: TaskExecutor {
    private let queue = DispatchQueue(label: "shared threads")
    private let jobs = Atomic(0)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.add(1, ordering: .relaxed)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    func suspend() { queue.suspend() }
    func resume() { queue.resume() }

    /// Returns once everything has run as far as it can for now: a task that goes from one actor to another comes as a job each time.
    func settle() async {
        var before = -1
        while before != jobs.load(ordering: .relaxed) {
            before = jobs.load(ordering: .relaxed)
            await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
        }
    }
}

/// Keeps every thread that may ask the store busy until its end.
private final class SilentStore: Sendable {
    private let silence = DispatchSemaphore(value: 0)
    private let lanes: Int

    convenience init(_ bench: Bench) async { await self.init(bench.api.services.reads, width: Services.readers) }

    init(_ lane: BlockingLane, width: Int) async {
        lanes = width
        let (begun, begin) = AsyncStream<Void>.makeStream()
        for _ in 0..<lanes {
            Task { [silence] in
                try await lane.run { () -> Void in
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
