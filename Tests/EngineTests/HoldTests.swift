import Engine
import Microscope
import RunModel
import SerialEMSimulator
import Simulator
import Store
import Synchronization
import TestSupport
import Testing

/// A run that waits for its store leaves the column safe meanwhile.
@Suite struct HoldTests {
    private static let silence = StoreError.noAnswer(path: "/data/gridpilot.sqlite")

    @Test func `over SerialEM's wire too the valves are closed while the store is silent`() throws {
        let store = FailingStore()
        let wire = Wire()
        let scene = try Scene(grids: 1) { parts in
            store.stand(before: &parts)
            wire.stand(before: &parts)
        }
        try wire.serve(scene)
        let column = scene.world.column()
        try scene.start()
        try #require(scene.life.executor.run(until: { column.areValvesOpen }) == .reached)
        store.failure = Self.silence
        #expect(try scene.closing(for: store) < .seconds(10))
        scene.pass(.seconds(600))
        #expect(!column.areValvesOpen)
        #expect(column.connectedClient != nil)
        try scene.stop()
        scene.pass(.seconds(600))
        #expect(column.connectedClient == nil)
    }

    @Test func `a microscope that is lost in a hold is waited for, with the lock taken anew`() throws {
        let (store, isAway) = (FailingStore(), Flag(Mutex(false)))
        let scene = try Scene(
            grids: 1, faults: [SimulatedFault(.linkLost, command: "moveStage", number: 2, moment: .before)]
        ) { parts in
            store.stand(before: &parts)
            let make = parts.microscope
            parts.microscope = { Unreachable(scope: make($0, $1), isAway: isAway) }
        }
        try scene.start()
        try scene.reachCommand("moveStage")
        let column = scene.world.column()
        try #require(scene.life.executor.run(until: { column.connectedClient == nil }) == .reached)
        isAway.value.withLock { $0 = true }
        // Nobody could be told any more that the link is gone.
        store.failure = Self.silence
        scene.pass(.seconds(600))
        store.failure = nil
        scene.pass(.seconds(600))
        #expect(try scene.state.status.needsHolder)
        #expect(try scene.state.notices.contains { $0.id == "microscopeLost" })
        isAway.value.withLock { $0 = false }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.notices.isEmpty)
        #expect(try scene.world.store.epoch(of: "scope-1") >= 2)
    }

    @Test func `a link that breaks as the valves are closed is opened anew for them`() throws {
        let store = FailingStore()
        let closes = Flag(Mutex(0))
        let scene = try Scene(grids: 1) { parts in
            store.stand(before: &parts)
            let make = parts.microscope
            parts.microscope = { Reluctant(scope: make($0, $1), closes: closes, first: .linkLost("as a test wants it")) }
        }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        store.failure = Self.silence
        // Over the link that broke, and then over a new one.
        #expect(try scene.closing(for: store) < .seconds(30))
        scene.pass(.seconds(600))
        #expect(!scene.world.column().areValvesOpen)
        store.failure = nil
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == 8)
    }

    @Test func `STOP in SerialEM is heard as the valves are closed, and nothing more is sent`() throws {
        let store = FailingStore()
        let closes = Flag(Mutex(0))
        let scene = try Scene(grids: 1) { parts in
            store.stand(before: &parts)
            let make = parts.microscope
            parts.microscope = { Reluctant(scope: make($0, $1), closes: closes, first: .operatorStopped) }
        }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        store.failure = .readOnly(path: "/data/gridpilot.sqlite")
        scene.pass(.seconds(600))
        #expect(closes.value.withLock(\.self) == 1)
        #expect(scene.world.column().connectedClient == nil)
        store.failure = nil
        try scene.reach { $0.status == .failed }
        #expect(try scene.failure() == "microscope.operatorStopped")
        #expect(try scene.state.notices.map(\.id) == ["operatorStopped"])
    }
}

/// A microscope that cannot be connected to for a while.
private struct Unreachable: WrappedMicroscope {
    let scope: any Microscope
    let isAway: Flag<Bool>

    func connect(_ terms: LinkTerms) async throws(MicroscopeError) {
        if isAway.value.withLock(\.self) { throw .linkLost("since nobody answers") }
        try await scope.connect(terms)
    }
}

/// A microscope that meets something else when it is first told to close its valves.
private struct Reluctant: WrappedMicroscope {
    let scope: any Microscope
    let closes: Flag<Int>
    let first: MicroscopeError

    func setValves(open: Bool) async throws(MicroscopeError) {
        let number = closes.value.withLock { closes in
            if !open { closes += 1 }
            return closes
        }
        if !open, number == 1 {
            if first.losesLink { await scope.disconnect() }
            throw first
        }
        try await scope.setValves(open: open)
    }
}

/// SerialEM's wire between an engine and the simulated column, in memory.
private final class Wire: Sendable {
    private let dialer = PipeDialer()

    func stand(before parts: inout EngineParts) {
        let (dialer, clock, now) = (dialer, parts.clock, parts.now)
        parts.microscope = { description, detector in
            SerialEMMicroscope(
                SerialEMSettings(address: SerialEMAddress(host: "127.0.0.1")), description, detector, dialer: dialer,
                clock: clock, now: now, work: InlineRenderer(), files: InlineFileWork(), log: { _ in })
        }
    }

    func serve(_ scene: Scene) throws {
        let (executor, dialer) = (scene.life.executor, dialer)
        let folder = try TemporaryFolder()
        let now = scene.life.engine.parts.now
        let program = SimulatedSerialEM(
            column: scene.world.column(), camera: RenderingCamera(size: 64, pixelSize: 1.5, renderer: InlineRenderer()),
            directory: folder.path(of: "scope"), clock: executor.clock, now: now, speed: 1)
        let server = SerialEMServer(program: program, clock: executor.clock, faults: [])
        executor.start {
            await server.run(dialer.connections)
            withExtendedLifetime(folder) {}
        }
    }
}
