import Blocking
import Imaging
import RunModel
import Store
import TestSupport
import Testing
import WebServer

@testable import RunAPI

/// A server runs for months: what it remembers of sessions, pages and pictures has an end.
@Suite struct BoundsTests {
    @Test func `readings are kept of the sessions that last gave any`() {
        var readings = Readings()
        for number in 1...Readings.sessionLimit + 20 {
            readings.heard(SessionID(unchecked: "s\(number)"), at: Timestamp(milliseconds: Int64(number)))
        }
        readings.heard("s21", at: Timestamp(milliseconds: 10_000))
        readings.heard("new", at: Timestamp(milliseconds: 10_001))
        #expect(readings.kept.count == Readings.sessionLimit)
        #expect(readings.kept["s21"] != nil && readings.kept["s22"] == nil && readings.kept["new"] != nil)
    }

    @Test func `groups are forgotten before there are too many, and found again`() async throws {
        let bench = try await Bench()
        let groups = SessionGroups(limit: 3)
        var sessions: [SessionID] = []
        for number in 1...5 { sessions.append(try await bench.session("session\(number)")) }
        for session in sessions + sessions { #expect(try groups.group(of: session, in: bench.store) == "demo") }
        #expect(groups.count <= 3)
    }

    @Test func `pictures beyond the limit make room`() async throws {
        let folder = try TemporaryFolder()
        let cache = ImageCache(disks: DiskLanes(), limit: 4000)
        for number in 1...20 {
            let path = folder.path(of: "\(number).png")
            let image = Imaging.Image(width: 32, height: 32, pixels: (0..<1024).map { Float($0 * number % 251) })
            try PNG.write(Thumbnail.picture(image, black: 0, white: 250), to: path)
            let source = ImageSource(name: "picture \(number)", picture: path)
            #expect(try await cache.picture(source, size: 32, known: nil).status == 200)
        }
        #expect((1...4000).contains(cache.heldBytes))
    }

    @Test func `a page that joins while the store is silent and news keeps coming is closed with 1013`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let page = await bench.page(as: .member)
            await bench.subscribe(page, "session/\(session)")
            await bench.api.feed.beginJoining(.session(session), page.id)
            let events = (0...PushFeed.replayLimit).map { number in
                RunEvent.pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: number % 2 == 0, by: "member"))
            }
            try await bench.engine.journal.record(Entry(session: session, events: events))
            await page.wait { _, _, closed in closed == 1013 }
            #expect(await bench.api.feed.pageCount == 0)
        }
    }

    @Test func `a session's disks are watched while somebody has its page open`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            let page = await bench.page(as: .member)
            for _ in 1...100 {
                await bench.subscribe(page, "session/\(session)")
                await bench.say("{\"op\":\"unsubscribe\",\"topic\":\"session/\(session)\"}", page)
            }
            await bench.subscribe(page, "session/\(session)")
            await page.wait { _, readings, _ in readings.contains { $0["type"]?.text == "disk" } }
        }
    }
}

extension PushFeed {
    /// As between the first step of a join and the store's answer.
    fileprivate func beginJoining(_ topic: Topic, _ id: WebSocketClient.ID) {
        pages[id]?.subscriptions[topic] = Subscription(number: 0)
    }
}
