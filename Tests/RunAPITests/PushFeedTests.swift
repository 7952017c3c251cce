import JSONText
import RunModel
import Store
import Testing

@testable import RunAPI

@Suite struct PushFeedTests {
    private func pause(_ enabled: Bool) -> RunEvent {
        .pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: enabled, by: "member"))
    }

    @Test func `a page gets a snapshot first, then events with their numbers`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let topic = "session/\(session)"
            let page = await bench.page(as: .member)
            await bench.subscribe(page, topic)
            let snapshot = await page.first("snapshot", on: topic)
            #expect(snapshot["store"]?.text == bench.store.identity)
            #expect(snapshot["state"]?["me"] == ["controls": true, "staff": false])
            _ = await bench.ask("PUT", "/api/sessions/\(session)/pause-between-grids", body: ["enabled": false])
            let event = await page.first("event", on: topic)
            #expect(event["type"] == "pauseBetweenGridsSet")
            #expect(event["previous"]?.int == snapshot["seq"]?.int)
            #expect(event["data"] == ["enabled": false, "by": "member"])
            #expect(event["command"]?.text != nil)
        }
    }

    @Test func `news that the feed was too slow to hear reach every page from the store, once`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let topics = ["session/\(session)", Topic.log(session, .imaging).text]
            let pages = [await bench.page(as: .member), await bench.page(as: .viewer)]
            for page in pages { for topic in topics { await bench.subscribe(page, topic) } }
            let start = try bench.store.lastSeq(on: .session(session))
            // Past the journal, which therefore tells nobody.
            let line = LogEntry(log: .imaging, line: LogLine(.info, "test", "Unheard."))
            for enabled in [false, true] {
                _ = try bench.store.append(Entry(session: session, events: [pause(enabled)], lines: [line]), at: bench.now)
            }
            await bench.api.feed.hear(.missed(2))
            try await bench.record(pause(false), of: session, lines: [line])
            for page in pages {
                await page.wait { frames, _, _ in frames.contains { $0.isOf("event", topics[0]) && $0.seq == start + 3 } }
                #expect(page.frames.filter { $0.isOf("event", topics[0]) }.map(\.seq) == [start + 1, start + 2, start + 3])
                #expect(page.count("snapshot") == 2)
            }
        }
    }

    @Test func `a page that returns gets what it missed and nothing twice`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let topic = "session/\(session)"
            let start = try bench.store.lastSeq(on: .session(session))
            for number in 0..<10 { try await bench.record(pause(number % 2 == 1), of: session) }
            let page = await bench.page(as: .member)
            await bench.subscribe(page, topic, after: start + 4, store: bench.store.identity)
            try await bench.record(pause(false), of: session)
            await page.wait { frames, _, _ in frames.count { $0.isOf("event", topic) } == 7 }
            #expect(page.count("snapshot") == 0)
            #expect(page.frames.filter { $0.isOf("event", topic) }.map(\.seq) == Array(start + 5...start + 11))
            await bench.subscribe(page, topic, after: start)
            try await bench.record(pause(true), of: session)
            await page.wait { frames, _, _ in frames.last?.seq == start + 12 }
            #expect(page.count("event") == 8)
        }
    }

    @Test(arguments: ["beyond", "otherStore", "farBack"]) func `a number that means nothing here gets a snapshot`(
        _ reason: String
    ) async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            if reason == "farBack" {
                let events = (0...PushFeed.replayLimit).map { self.pause($0 % 2 == 0) }
                try await bench.engine.journal.record(Entry(session: session, events: events))
            }
            let page = await bench.page(as: .member)
            await bench.subscribe(
                page, "session/\(session)", after: reason == "beyond" ? 1_000_000 : 1,
                store: reason == "otherStore" ? "other" : nil)
            #expect(await page.first("snapshot").seq == (try bench.store.newestSeq()))
            #expect(page.count("event") == 0)
        }
    }

    @Test func `each topic is shown to those who may see it`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            for topic in [
                "session/\(session)", "grid/\(session).g1", "session/\(session)/log/imaging", "session/\(session)/log/processing",
            ] {
                for somebody in [Bench.Somebody.staff, .member, .viewer] {
                    let page = await bench.page(as: somebody)
                    await bench.subscribe(page, topic)
                    #expect(page.count("snapshot", on: topic) == 1, "\(somebody) \(topic)")
                }
                let page = await bench.page(as: .stranger)
                await bench.subscribe(page, topic)
                #expect(page.frames.map { $0["code"] } == ["permission.denied"], "\(topic)")
                #expect(page.frames.first?["topic"]?.text == topic)
            }
        }
    }

    @Test func `a hidden session shows on the facility as a busy microscope and no more`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let pages = (await bench.page(as: .stranger), await bench.page(as: .member))
            await bench.subscribe(pages.0, "facility")
            await bench.subscribe(pages.1, "facility")
            let session = try await bench.session("secretname")
            _ = await bench.ask("POST", "/api/sessions/\(session)/start")
            for page in [pages.0, pages.1] {
                await page.wait { frames, _, _ in frames.contains { $0["type"]?.text == "runStarted" } }
            }
            let late = await bench.page(as: .stranger)
            await bench.subscribe(late, "facility")
            for text in (pages.0.frames + late.frames).map(JSONText.write) {
                for word in ["secretname", session.rawValue, "member", "demo"] {
                    #expect(!text.contains(word), "\(word) in \(text)")
                }
            }
            let taken = try #require(pages.0.frames.first { $0["type"]?.text == "lockTaken" })
            #expect(taken["data"] == ["microscope": "scope-1", "holder": ["startedAt": .string(bench.now.description)]])
            let shown = await late.first("snapshot")["state"]
            #expect(shown?["sessions"] == [])
            #expect(shown?["microscopes"]?[0]?["holder"]?.fields?.keys.sorted() == ["startedAt"])
            #expect(shown?["microscopes"]?.items?.count == 2)
            let told = try #require(pages.1.frames.first { $0["type"]?.text == "lockTaken" })
            #expect(told["data"]?["holder"]?["sessionName"] == "secretname")
            #expect(told["session"]?.text == session.rawValue)
        }
    }

    @Test func `what cannot be understood is answered with a problem`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let page = await bench.page(as: .member)
            let messages = [
                "", "{", "[]", "{\"op\":\"subscribe\"}", "{\"topic\":\"facility\"}", "{\"op\":\"shout\",\"topic\":\"facility\"}",
                "{\"op\":\"subscribe\",\"topic\":\"facility\",\"after\":-1}",
                "{\"op\":\"subscribe\",\"topic\":\"facility\",\"after\":\"1\"}",
                "{\"op\":\"subscribe\",\"topic\":\"facility\",\"store\":1}", "{\"op\":\"subscribe\",\"topic\":\"moon\"}",
                "{\"op\":\"subscribe\",\"topic\":\"session/none\"}", String(repeating: "x", count: 5000),
            ]
            for message in messages { await bench.say(message, page) }
            #expect(page.count("problem") == messages.count)
            #expect(page.frames.allSatisfy { $0["sentence"]?.text?.isEmpty == false && $0["code"]?.text != nil })
            let session = try await bench.session()
            await bench.subscribe(page, "grid/\(session).g9")
            #expect(page.frames.last?["code"] == "grid.unknown")
        }
    }

    @Test func `one page watches so many topics and no more`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let page = await bench.page(as: .staff)
            for number in 1...PushFeed.topicLimit {
                let other = number == 1 ? session : try await bench.session("s\(number)")
                await bench.subscribe(page, "session/\(other)")
            }
            await bench.subscribe(page, "facility")
            #expect(page.frames.last?["code"] == "push.tooManyTopics")
            await bench.say("{\"op\":\"unsubscribe\",\"topic\":\"session/\(session)\"}", page)
            await bench.subscribe(page, "facility")
            #expect(page.frames.last?["kind"] == "snapshot")
        }
    }

    @Test func `a heartbeat comes every two seconds, and ends what is signed out`() async throws {
        let bench = try await Bench()
        let signIn = try await bench.accounts.signIn(username: "member", password: "password of member", address: "10.0.0.1")
        try await bench.feeding {
            let page = await bench.page(as: .member, token: signIn.token)
            var sleeps: [Duration] = []
            for _ in 1...3 { sleeps.append(try await bench.clock.nextSleep()) }
            #expect(sleeps.sorted() == [.milliseconds(500), .milliseconds(500), .seconds(2)])
            bench.clock.advance(by: .seconds(2))
            #expect(await page.first("heartbeat")["at"]?.text == bench.now.description)
            for _ in 1...3 { _ = try await bench.clock.nextSleep() }
            try await bench.accounts.signOut(token: signIn.token, from: "10.0.0.1")
            bench.clock.advance(by: .milliseconds(500))
            await page.wait { _, _, closed in closed == 1008 }
            #expect(page.frames.last?["code"] == "account.notSignedIn")
        }
    }

    @Test func `who loses a right loses the topic with the next heartbeat`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let page = await bench.page(as: .stranger)
            let person = try #require(bench.accounts.person(forToken: bench.token(of: .stranger)))
            // As if the person had been a member when the page was opened.
            var member = person
            member.groups = ["demo"]
            await bench.api.feed.connected(page, Requester(person: member, token: bench.token(of: .stranger), usesCookie: true))
            await bench.subscribe(page, "session/\(session)")
            #expect(page.count("snapshot") == 1)
            for _ in 1...3 { _ = try await bench.clock.nextSleep() }
            bench.clock.advance(by: .seconds(2))
            #expect(await page.first("problem", on: "session/\(session)")["code"] == "permission.denied")
        }
    }

    @Test func `a page that asks for a topic again gets it a second later, and no reading before it`() async throws {
        let bench = try await Bench(answerInterval: .seconds(1))
        try await bench.feeding {
            let session = try await bench.session()
            let page = await bench.page(as: .member)
            for _ in 1...3 { _ = try await bench.clock.nextSleep() }
            await bench.subscribe(page, "session/\(session)")
            async let again: Void = bench.subscribe(page, "session/\(session)")
            #expect(try await bench.clock.nextSleep() == .seconds(1))
            let (count, told) = (page.count("snapshot"), page.readings.count)
            await bench.api.feed.hear(.reading(.heard(session, bench.now), at: bench.now))
            #expect(count == 1 && page.readings.count == told)
            bench.clock.advance(by: .seconds(1))
            await again
            #expect(page.count("snapshot") == 2 && page.readings.count > told)
        }
    }

    @Test func `pages of a session learn who else watches`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let (first, second) = (await bench.page(as: .member), await bench.page(as: .staff))
            await bench.subscribe(first, "session/\(session)")
            await bench.subscribe(second, "session/\(session)")
            await first.wait { _, readings, _ in
                readings.last?["type"]?.text == "watchers" && readings.last?["data"] == ["people": ["member", "staff"]]
            }
            await bench.api.feed.disconnected(second.id)
            await first.wait { _, readings, _ in readings.last?["data"] == ["people": ["member"]] }
        }
    }

    @Test func `the latest readings come after a snapshot, disks together`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let (early, late) = (await bench.page(as: .member), await bench.page(as: .member))
            await bench.subscribe(early, "session/\(session)")
            for path in ["/b", "/a"] {
                let disk = DiskReading(
                    path: path, totalBytes: 10, freeBytes: 5, reserveBytes: 1, bytesPerHour: 0, level: .fine, neededBytes: 0,
                    trend: [])
                await bench.engine.journal.tell(.disk(session, disk))
            }
            let hasBoth: @Sendable ([JSONValue], [JSONValue], UInt16?) -> Bool = { _, readings, _ in
                readings.contains { reading in
                    let paths = (reading["data"]?["disks"]?.items ?? []).compactMap { $0["path"]?.text }
                    return reading["type"]?.text == "disk" && paths.contains("/a") && paths.contains("/b")
                }
            }
            await early.wait(hasBoth)
            await bench.subscribe(late, "session/\(session)")
            await late.wait(hasBoth)
            #expect((await late.first("snapshot")["state"]?["readings"]?["disk"]?.items?.count ?? 0) >= 2)
        }
    }

    @Test func `a log topic has lines with numbers of their own`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let topic = "session/\(session)/log/processing"
            let page = await bench.page(as: .viewer)
            await bench.subscribe(page, topic)
            #expect(await page.first("snapshot")["state"] == ["lines": []])
            let line = LogLine(.warning, "ctf", "A line with \"quotes\" and\na break")
            try await bench.record(of: session, lines: [LogEntry(log: .processing, line: line)])
            let event = await page.first("event", on: topic)
            #expect(event["type"] == "logLine")
            #expect(event["data"]?["message"]?.text == line.message)
            #expect(event["data"]?["n"]?.int == event["seq"]?.int)
            #expect(event["previous"] == 0)
        }
    }

    @Test func `a status that nobody stands behind shows as interrupted`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            try await bench.record(
                .runStarted(RunStarted(by: "member", host: "h", pid: 1, epoch: 1, forced: false)), of: session)
            let page = await bench.page(as: .member)
            await bench.subscribe(page, "session/\(session)")
            await bench.subscribe(page, "facility")
            #expect(await page.first("snapshot", on: "session/\(session)")["state"]?["status"] == "interrupted")
            #expect(await page.first("snapshot", on: "facility")["state"]?["sessions"]?[0]?["status"] == "interrupted")
        }
    }

    @Test func `a page that joins when the server is stopping is told so`() async throws {
        let bench = try await Bench()
        let page = await bench.page(as: .member)
        async let feeding: Void = bench.api.run()
        await bench.subscribe(page, "facility")
        #expect(page.count("snapshot") == 1)
        await bench.engine.journal.close()
        await feeding
        let late = await bench.page(as: .member)
        await bench.subscribe(late, "facility")
        #expect(late.frames.map { $0["code"] } == ["server.stopping"])
    }
}
