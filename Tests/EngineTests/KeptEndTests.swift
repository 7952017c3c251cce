import Engine
import Store
import TestSupport
import Testing

/// The end of a run that the store could not take, and what people do before it can.
@Suite struct KeptEndTests {
    private static let path = "/data/gridpilot.sqlite"

    private static func scene(_ store: FailingStore) throws -> Scene {
        let scene = try Scene(grids: 1) { store.stand(before: &$0) }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        return scene
    }

    @Test func `a start that is refused writes the kept end and frees its lock`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        store.failure = .noAnswer(path: Self.path)
        try scene.stop()
        scene.pass(.seconds(60))
        #expect(scene.world.lockFile() != nil)
        scene.world.freeBytes = 1_000_000
        store.failure = nil
        let id = scene.id
        let refusal = try scene.refusal { try await $0.start(id, by: "operator", command: "c") }
        #expect(refusal?.code == "disk.reserve")
        #expect(try scene.state.status == .stopped)
        #expect(scene.world.lockFile() == nil)
    }

    @Test func `a second force-kill writes how the first one ended and frees its lock`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        store.failure = .refused(path: Self.path, detail: "disk I/O error")
        try scene.kill()
        store.failure = nil
        try scene.kill()
        #expect(try scene.state.status == .killed)
        #expect(try scene.world.store.holder(of: "scope-1") == nil)
        #expect(scene.world.lockFile() == nil)
    }

    private static func statuses(_ scene: Scene) throws -> [String] {
        try scene.events().compactMap {
            switch $0.event {
            case .runStarted: "started"
            case .runKilled: "killed"
            case .runInterrupted: "interrupted"
            default: nil
            }
        }
    }

    @Test func `a start that can be written says how the last run ended though that could not be written by itself`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        store.failure = .full(path: Self.path)
        try scene.kill()
        scene.pass(.milliseconds(100))
        // The kept end by itself is refused once more, and what begins the run is not.
        store.fail(changes: [store.changes + 1])
        store.failure = nil
        try scene.start()
        #expect(try Self.statuses(scene) == ["started", "killed", "started"])
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a force-killed run was killed, whoever holds its microscope by the time that this can be written`() throws {
        let store = FailingStore()
        let scene = try Self.scene(store)
        let second = scene.world.session("second")
        try scene.order { try await $0.create(second) }
        store.failure = .full(path: Self.path)
        try scene.kill()
        scene.pass(.milliseconds(100))
        store.failure = nil
        try scene.order { try await $0.start("second", by: "operator", command: "d") }
        scene.pass(.seconds(30))
        #expect(try scene.state.status == .killed)
        #expect(try Self.statuses(scene) == ["started", "killed"])
        #expect(try scene.life.state("second").status == .running)
    }
}
