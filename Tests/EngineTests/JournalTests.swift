import RunModel
import Store
import Synchronization
import TestSupport
import Testing

@testable import Engine

@Suite struct JournalTests {
    @Test func `what is written is told in its order, whole, and after it is in the store`() throws {
        let scene = try Scene(grids: 1)
        let heard = Flag(Mutex<[Int64]>([]))
        let (engine, store) = (scene.life.engine, scene.world.store)
        let after = try store.newestSeq()
        scene.life.executor.start {
            for await news in await engine.journal.listen() {
                guard case .written(let appended) = news else { continue }
                let newest = try store.newestSeq()
                for event in appended.events where event.seq <= newest { heard.value.withLock { $0.append(event.seq) } }
            }
        }
        scene.pass(.milliseconds(1))
        try scene.start()
        try scene.reachEnd()
        let newest = try store.newestSeq()
        #expect(heard.value.withLock { $0 } == Array(after + 1...newest))
    }

    @Test func `what the engine writes is noted first, for whoever must say in what it hangs`() throws {
        let scene = try Scene(grids: 1)
        let (engine, id) = (scene.life.engine, scene.id)
        let entry = Entry(session: id, events: [.pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: true, by: "x"))])
        try scene.life.command { _ = try await engine.journal.record(entry) }
        #expect(engine.parts.activity.lastBegun == "writing pauseBetweenGridsSet")
    }

    @Test func `an entry that is refused tells nothing and changes no state`() throws {
        let scene = try Scene(grids: 1)
        let (journal, id) = (scene.life.engine.journal, scene.id)
        let seq = try scene.world.store.newestSeq()
        let entry = Entry(
            session: id,
            events: [
                .pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: true, by: "x")),
                .runCompleted(
                    RunCompleted(gridsCompleted: 0, grids: 0, images: 0, seconds: 0)),
            ])
        #expect(throws: StoreError.self) { try scene.life.command { try await journal.record(entry) } }
        #expect(try scene.world.store.newestSeq() == seq)
        #expect(try !scene.state.pauseBetweenGrids)
    }

    @Test func `closing ends every listener's stream`() throws {
        let scene = try Scene(grids: 1)
        let journal = scene.life.engine.journal
        let listeners = (0..<3).map { _ in scene.life.executor.start { for await _ in await journal.listen() {} } }
        scene.pass(.milliseconds(1))
        try scene.life.command {
            await journal.close()
            for listener in listeners { try await listener.value }
        }
    }

    @Test func `a listener that falls behind keeps the newest news and hears how many it missed`() throws {
        let scene = try Scene(grids: 1)
        let (journal, id) = (scene.life.engine.journal, scene.id)
        let heard = Flag(Mutex<[String]>([]))
        try scene.life.command {
            let news = await journal.listen(limit: 3)
            for number in 1...10 {
                let line = LogEntry(log: .imaging, line: LogLine(.info, "test", "\(number)"))
                try await journal.record(Entry(session: id, lines: [line]))
            }
            await journal.close()
            for await item in news { heard.value.withLock { $0.append(item.words) } }
        }
        #expect(heard.value.withLock { $0 } == ["missed 7", "8", "9", "10"])
    }

    @Test func `a listener that keeps up misses nothing`() throws {
        let scene = try Scene(grids: 1)
        let (journal, id) = (scene.life.engine.journal, scene.id)
        let heard = Flag(Mutex<[String]>([]))
        try scene.life.command {
            var news = await journal.listen(limit: 1).makeAsyncIterator()
            for number in 1...3 {
                let line = LogEntry(log: .imaging, line: LogLine(.info, "test", "\(number)"))
                try await journal.record(Entry(session: id, lines: [line]))
                if let item = await news.next(isolation: nil) { heard.value.withLock { $0.append(item.words) } }
            }
        }
        #expect(heard.value.withLock { $0 } == ["1", "2", "3"])
    }

    @Test func `sessions that have nothing to do are let go, one that runs is not`() throws {
        let scene = try Scene()
        for number in 1...20 {
            let created = scene.world.session("idle-\(number)", grids: 1, settings: .quick)
            try scene.order { try await $0.create(created) }
            let id = created.session.id
            try scene.order { _ = try await $0.staffFacts(id) }
        }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        let engine = scene.life.engine
        #expect(try scene.life.command { await engine.sessions.count } == 1)
        try scene.reachEnd()
        scene.pass(EngineSettings().pulseInterval)
        #expect(try scene.life.command { await engine.sessions.count } == 0)
        try scene.checkAtRest(.completed)
    }
}

extension Journal.News {
    fileprivate var words: String {
        switch self {
        case .written(let appended): appended.lines.map(\.line.message).joined()
        case .reading(let reading, _): reading.type
        case .missed(let count): "missed \(count)"
        }
    }
}
