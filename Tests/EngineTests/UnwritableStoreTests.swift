import Engine
import RunModel
import Store
import Synchronization
import TestSupport
import Testing

@Suite struct UnwritableStoreTests {
    private static let path = "/data/gridpilot.sqlite"
    static let failures: [StoreError] = [
        .full(path: path), .noAnswer(path: path), .refused(path: path, detail: "disk I/O error"), .readOnly(path: path),
    ]

    private static func scene(_ store: FailingStore, grids: Int = 1) throws -> Scene {
        try Scene(grids: grids) { store.stand(before: &$0) }
    }

    @Test(arguments: failures)
    func `a store that cannot be written holds the run behind closed valves, and costs no image`(failure: StoreError) throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        store.failure = failure
        #expect(try scene.closing(for: store) < .seconds(10))
        // The exposure that was under way had ended: nothing is cut short.
        #expect(scene.ledger.last { $0.kind == .saved }?.name == scene.exposed.last)
        scene.pass(.seconds(600))
        #expect(!scene.world.column().areValvesOpen)
        let exposed = scene.exposed.count
        scene.pass(.seconds(3600))
        #expect(scene.exposed.count == exposed)
        store.failure = nil
        if case .full = failure {
            try scene.reach { $0.prompt?.kind == .diskFull }
            scene.pass(.seconds(600))
            #expect(scene.exposed.count == exposed)
            try scene.answer("continue")
        }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
        #expect(scene.exposed.count == 8)
        #expect(try scene.state.notices.isEmpty)
    }

    @Test(arguments: failures)
    func `a stop is heard while the store cannot be written, and said once it can`(failure: StoreError) throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        store.failure = failure
        try scene.stop()
        scene.pass(.seconds(60))
        #expect(scene.world.column().connectedClient == nil)
        #expect(!scene.world.column().areValvesOpen)
        store.failure = nil
        try scene.reach { $0.status == .stopped }
        scene.pass(.seconds(1))
        #expect(try scene.state.outcome?.by == "operator")
        try scene.checkAtRest(.stopped)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8)
    }

    @Test(arguments: failures)
    func `a force-kill acts while the store cannot be written, and is said once it can`(failure: StoreError) throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        store.failure = failure
        try scene.kill()
        #expect(scene.world.column().connectedClient == nil)
        store.failure = nil
        try scene.reach { $0.status == .killed }
        scene.pass(.seconds(1))
        // An exposure under way keeps the valves from being closed within a force-kill's deadline.
        try scene.checkAtRest(.killed, valvesClosed: false)
    }

    @Test func `a change that was written late is told, and in its order`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        let news = scene.listen()
        store.failure = .noAnswer(path: Self.path)
        scene.pass(.seconds(600))
        store.failure = nil
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8)
        let told = news.told
        let stored = try scene.events().map(\.seq).filter { $0 >= told.first ?? 0 }
        #expect(told == stored)
    }

    @Test func `one write that fails, whichever it is, costs no image and no second exposure`() throws {
        let undisturbed = FailingStore()
        let whole = try Self.scene(undisturbed)
        let made = undisturbed.changes
        try whole.start()
        try whole.reachEnd()
        let names = Set(whole.exposed)
        for number in (made + 1)...undisturbed.changes {
            let store = FailingStore()
            let scene = try Self.scene(store)
            store.fail(changes: [number])
            // A command whose own write fails is refused, and given again.
            if (try? scene.start()) == nil { try scene.start() }
            try scene.reachEnd()
            let (status, last) = (try scene.state.status, try scene.lines().suffix(3))
            #expect(status == .completed, "change \(number): \(last)")
            #expect(Set(scene.exposed) == names && scene.exposed.count == names.count, "change \(number)")
            #expect(try ChaosInvariants(world: scene.world, session: scene.id).broken() == [], "change \(number)")
        }
    }

    @Test(arguments: 1...6)
    func `the end of a stopped run is true whichever write of it fails, and said once`(number: Int) throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        store.fail(changes: [store.changes + number])
        try scene.stop()
        try scene.reach { $0.status == .stopped }
        scene.pass(.seconds(30))
        try scene.checkAtRest(.stopped)
        #expect(try scene.state.outcome?.by == "operator")
        #expect(try scene.lines().count { $0.message == "Stopped, as asked by operator" } == 1)
        #expect(try !scene.lines().contains { $0.message.contains("could not write the end") })
    }

    @Test(arguments: 1...4)
    func `a force-kill is written as one whichever write of it fails, with its notice once`(number: Int) throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reachCommand("record")
        store.fail(changes: [store.changes + number])
        try scene.kill()
        try scene.reach { $0.status == .killed }
        scene.pass(.seconds(30))
        #expect(
            try scene.events().count { if case .noticeRaised(let notice) = $0.event { notice.id == "valves" } else { false } }
                <= 1)
        #expect(try scene.lines().count { $0.message.hasPrefix("Force-killed by staff.") } == 1)
        try scene.checkAtRest(.killed, valvesClosed: false)
    }

    @Test func `a start that is refused leaves the last run's end to be written`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        store.failure = .readOnly(path: Self.path)
        try scene.stop()
        scene.pass(.seconds(60))
        #expect(throws: EngineError.self) { try scene.start() }
        store.failure = nil
        try scene.reach { $0.status == .stopped }
        #expect(try scene.state.outcome?.by == "operator")
        scene.pass(.seconds(1))
        try scene.checkAtRest(.stopped)
    }

    @Test func `nobody is in a hurry for a session that does not run`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        #expect(throws: EngineError.self) { try scene.stop() }
        #expect(throws: EngineError.self) { try scene.kill() }
        #expect(store.hurries == 0)
        try scene.start()
        try scene.stop()
        #expect(store.hurries == 1)
        try scene.reachEnd()
    }

    @Test func `what was told of the store is over when the run ends, also where a stop comes just as the store is back`() throws
    {
        let store = FailingStore()
        let scene = try Self.scene(store)
        let told = scene.listen()
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        store.failure = .readOnly(path: Self.path)
        scene.pass(.seconds(600))
        #expect(told.trouble)
        store.failure = nil
        try scene.stop()
        try scene.reachEnd()
        #expect(!told.trouble)
        try scene.checkAtRest(.stopped)
    }

    @Test func `a store that fails again and again is asked less and less often`() throws {
        let store = FailingStore()
        // Nothing else may ask it meanwhile.
        let scene = try Scene(grids: 1) {
            store.stand(before: &$0)
            $0.settings.pulseInterval = .seconds(360_000)
        }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        var asked: [Int] = []
        // More often than a number has bits.
        for _ in 1...70 {
            store.failure = .readOnly(path: Self.path)
            scene.pass(.seconds(120))
            let before = store.changes
            scene.pass(.seconds(600))
            asked.append(store.changes - before)
            store.failure = nil
            try scene.reachCommand("setValves", number: scene.commands("setValves").count + 1)
        }
        #expect(asked[0] > asked[1] && asked[1] > asked[2], "\(asked)")
        #expect(asked.allSatisfy { (1...asked[0]).contains($0) }, "\(asked)")
    }
}

extension Scene {
    /// The numbers of the session's events as they are told from now on.
    fileprivate func listen() -> ToldNumbers {
        let told = ToldNumbers()
        let (engine, id) = (life.engine, id)
        life.executor.start {
            for await news in await engine.journal.listen() {
                if case .reading(.trouble(id, let trouble), _) = news { told.note(trouble != nil) }
                guard case .written(let appended) = news else { continue }
                told.add(appended.events.filter { $0.session == id }.map(\.seq))
            }
        }
        life.executor.run(for: .milliseconds(1))
        return told
    }
}

private final class ToldNumbers: Sendable {
    private let numbers = Mutex<[Int64]>([])
    var told: [Int64] { numbers.withLock { $0 } }
    private let isTroubled = Mutex(false)
    var trouble: Bool { isTroubled.withLock { $0 } }
    func note(_ trouble: Bool) { isTroubled.withLock { $0 = trouble } }
    func add(_ more: [Int64]) { numbers.withLock { $0 += more } }
}
