import Engine
import RunModel
import Simulator
import Store
import TestSupport
import Testing

/// A store that is slower than anybody waits for: what it was asked to write, it writes all the same.
@Suite struct LateStoreTests {
    private static let silence = StoreError.noAnswer(path: "/data/gridpilot.sqlite")

    private static func scene(_ store: FailingStore, seed: UInt64 = 1, pauses: Bool = false) throws -> Scene {
        try Scene(seed: seed, grids: 1, pauses: pauses) { store.stand(before: &$0) }
    }
    private static func stops(_ scene: Scene) throws -> Int {
        try scene.events().count { if case .stopReceived = $0.event { true } else { false } }
    }

    @Test func `a stop that is written late ends the run as stopped, and is said once`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reachCommand("record")
        store.failure = Self.silence
        try scene.stop()
        #expect(try scene.state.status == .running)
        store.failure = nil
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(try Self.stops(scene) == 1)
    }

    @Test func `an answer that is written late is heard by the run`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store, pauses: true)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .gridFinished }
        store.failure = Self.silence
        #expect(throws: EngineError.self) { try scene.answer("next") }
        store.failure = nil
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a stop that is taken back late lets the run go on`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reachCommand("record")
        try scene.stop()
        store.failure = Self.silence
        #expect(throws: EngineError.self) { try scene.takeBack() }
        store.failure = nil
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8)
    }

    @Test func `a stop that is taken back after the run has heard it stands`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reachCommand("record")
        try scene.stop()
        store.failure = Self.silence
        #expect(throws: EngineError.self) { try scene.takeBack() }
        scene.pass(.seconds(120))
        #expect(scene.world.column().connectedClient == nil)
        store.failure = nil
        try scene.reach { $0.status == .stopped }
        scene.pass(.seconds(10))
        try scene.checkAtRest(.stopped)
        #expect(try scene.state.outcome?.by == "operator")
    }

    @Test func `a number of the lock that is written late is the run's own`() throws {
        let store = FailingStore()
        let scene = try Scene(grids: 1, faults: [Self.lostLink]) { store.stand(before: &$0) }
        try scene.start()
        try scene.reach { $0.notices.contains { $0.id == "microscopeLost" } }
        store.failure = Self.silence
        scene.pass(.seconds(60))
        store.failure = nil
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8)
        #expect(try scene.world.store.epoch(of: "scope-1") >= 2)
    }

    @Test func `a run whose lock was numbered late gives it back at a stop`() throws {
        let store = FailingStore()
        let scene = try Scene(grids: 1, faults: [Self.lostLink]) { store.stand(before: &$0) }
        try scene.start()
        try scene.reach { $0.notices.contains { $0.id == "microscopeLost" } }
        store.failure = Self.silence
        scene.pass(.seconds(60))
        store.failure = nil
        try scene.stop()
        try scene.reachEnd()
        scene.pass(.seconds(10))
        try scene.checkAtRest(.stopped)
    }

    @Test func `a movie that is saved late is processed like any other`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        // The last one: no other is handed on after it.
        try scene.reachCommand("record", number: 8)
        store.failure = Self.silence
        scene.pass(.seconds(60))
        store.failure = nil
        try scene.reachEnd()
        scene.pass(.seconds(60))
        try scene.checkAtRest(.completed)
        #expect(try scene.micrographs().map(\.status) == Array(repeating: .processed, count: 8))
    }

    @Test func `a movie that is saved late is processed also where the run has ended meanwhile`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reach { $0.grids[0].images == 1 }
        let taken = scene.exposed.count
        try scene.reachCommand("record", number: taken + 1)
        store.failure = Self.silence
        // Until the save hangs and the run waits for its store.
        try scene.reachCommand("setValves", number: scene.commands("setValves").count + 1)
        try scene.stop()
        scene.pass(.seconds(120))
        store.failure = nil
        try scene.reach { $0.status == .stopped }
        scene.pass(.seconds(60))
        #expect(try scene.micrographs().allSatisfy { $0.status == .processed })
    }

    @Test(arguments: [FailingEnd.stop, .kill, .none])
    func `the last words of a run whose store is silent are those of its end`(end: FailingEnd) throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        if end == .none { try scene.reachCommand("record", number: 8) } else { try scene.reach { $0.grids[0].images == 2 } }
        if end == .none { try scene.reach { $0.grids[0].status == .completed } }
        store.failure = Self.silence
        switch end {
        case .stop: try scene.stop()
        case .kill: try scene.kill()
        case .none: break
        }
        scene.pass(.seconds(600))
        store.failure = nil
        let wanted: SessionStatus = end == .stop ? .stopped : end == .kill ? .killed : .completed
        try scene.reach { $0.status == wanted }
        scene.pass(.seconds(30))
        try scene.checkAtRest(wanted, valvesClosed: end != .kill)
        #expect(try scene.lines().count { $0.message.contains("could not write the end") } == 0)
    }
    enum FailingEnd: CaseIterable { case stop, kill, none }

    @Test func `a force-kill over a silent store says all the same that somebody must look at the valves`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        try scene.start()
        try scene.reachCommand("record")
        store.failure = Self.silence
        try scene.kill()
        let wasClosed = !scene.world.column().areValvesOpen
        store.failure = nil
        try scene.reach { $0.status == .killed }
        #expect(try scene.state.notices.contains { $0.id == "valves" } == !wasClosed)
        #expect(try scene.state.prompt == nil)
    }

    @Test(arguments: 1...3)
    func `a start that the store takes late leaves no holder behind, and the next one begins`(number: Int) throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        store.hang(at: store.changes + number)
        #expect(throws: EngineError.self) { try scene.start() }
        store.failure = nil
        scene.pass(.seconds(30))
        #expect(try !scene.state.status.needsHolder)
        #expect(try scene.world.store.holder(of: "scope-1") == nil)
        #expect(scene.world.lockFile() == nil)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `what became of a movie is told once, also where the store takes it late`() throws {
        let count = FailingStore()
        let whole = try Scene(grids: 1) { count.stand(before: &$0) }
        try whole.start()
        try whole.reachEnd()
        for number in 1...count.changes {
            let store = FailingStore()
            let scene = try Scene(grids: 1) { store.stand(before: &$0) }
            store.hang(at: number)
            try? scene.start()
            scene.life.executor.run(until: { store.failure != nil }, limitSteps: 400_000)
            scene.pass(.seconds(1))
            store.failure = nil
            scene.pass(.seconds(30))
            if try scene.state.status == .ready { continue }
            try scene.reachEnd()
            let told = try scene.events().compactMap {
                if case .micrographProcessed(let news) = $0.event { news.micrograph } else { nil }
            }
            #expect(Set(told).count == told.count, "change \(number)")
        }
    }

    @Test func `what an earlier server left is cleared however long the disk takes`() throws {
        let store = FailingStore()
        var scene = try Self.scene(store)
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 }
        store.failure = Self.silence
        try scene.crash()
        #expect(try scene.state.status == .interrupted)
        #expect(try scene.world.store.holder(of: "scope-1") == nil)
    }

    private static let lostLink = SimulatedFault(.linkLost, command: "moveStage", number: 2, moment: .before)
}
