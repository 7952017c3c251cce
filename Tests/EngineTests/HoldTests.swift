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

    @Test func `a program that takes the link in a hold, and again within a minute, is left the microscope`() throws {
        let store = FailingStore()
        let scene = try Scene(grids: 1) { store.stand(before: &$0) }
        let column = scene.world.column()
        let client = SimulatedMicroscope(
            column: column, clock: scene.life.executor.clock, now: { Timestamp(milliseconds: 1_790_000_000_000) },
            camera: PixelFreeCamera(optics: CameraOptics(scene.world.detector(of: "scope-1")), written: { _, _ in }))
        try scene.start()
        try scene.reach { $0.exposure != nil }
        store.failure = Self.silence
        try scene.life.command { try await client.connect(greeting: "a script") }
        #expect(try scene.closing(for: store) < .seconds(30))
        store.failure = nil
        // Opened, closed in the hold, and opened by the run that is back.
        try scene.reach { _ in scene.commands("setValves").count == 3 }
        try scene.life.command { try await client.connect(greeting: "a script") }
        try scene.reach { !$0.status.needsHolder }
        #expect(try scene.failure() == "microscope.displaced")
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

    @Test func `a microscope that is busy as the claim is renewed keeps it, and its link`() throws {
        let isBusy = Flag(Mutex(false))
        let scene = try Scene(grids: 2, pauses: true) { parts in
            let make = parts.microscope
            parts.microscope = { BusyWithAMacro(scope: make($0, $1), isBusy: isBusy) }
        }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        isBusy.value.withLock { $0 = true }
        scene.pass(.seconds(30))
        isBusy.value.withLock { $0 = false }
        let connects = scene.ledger.count { $0.kind == .connect }
        scene.pass(.seconds(600))
        #expect(scene.world.column().claim?.session == scene.id)
        #expect(scene.ledger.count { $0.kind == .connect } == connects)
        try scene.stop()
        try scene.reachEnd()
        #expect(scene.world.column().claim == nil)
    }

    @Test func `a force-kill waits for no goodbye of a microscope that has fallen silent`() throws {
        let isSilent = Flag(Mutex(false))
        let scene = try Scene(grids: 2, pauses: true) { parts in
            let (make, clock) = (parts.microscope, parts.clock)
            parts.microscope = { Frozen(scope: make($0, $1), isFrozen: isSilent, clock: clock) }
        }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        scene.pass(.seconds(25))
        isSilent.value.withLock { $0 = true }
        let asked = scene.life.executor.now
        try scene.kill()
        try scene.reach { $0.status == .killed }
        #expect(asked.duration(to: scene.life.executor.now) < .seconds(2))
        #expect(scene.world.lockFile() == nil)
    }

    /// `problem`: what whoever dials meets. A program with a box on its screen takes the call and says nothing.
    @Test(
        arguments: [MicroscopeError.linkLost("since nobody answers"), .timedOut(command: "Echo", seconds: 8), .busy],
        Array(Seeds.first(5)))
    func `a link that breaks while the run waits for a person is said, and taken anew`(
        problem: MicroscopeError, seed: UInt64
    ) throws {
        let isAway = Flag(Mutex(false))
        let scene = try Scene(seed: seed, grids: 2, pauses: true) { parts in
            let make = parts.microscope
            parts.microscope = { Unreachable(scope: make($0, $1), isAway: isAway, problem: problem) }
        }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let asked = try scene.state.prompt?.id
        isAway.value.withLock { $0 = true }
        // At the next renewal of the claim, and the look after it: these are 20 s apart here, as nowhere else.
        let broken = scene.life.executor.now
        try scene.reach { $0.notices.contains { $0.id == "microscopeLost" } }
        #expect(broken.duration(to: scene.life.executor.now) < .seconds(100))
        let notice = try #require(try scene.state.notices.first { $0.id == "microscopeLost" })
        #expect(notice.detail?.contains("every 10 s") == true)
        scene.pass(.seconds(7200))
        #expect(try scene.state.prompt?.id == asked)
        isAway.value.withLock { $0 = false }
        let mended = scene.life.executor.now
        try scene.reach { !$0.notices.contains { $0.id == "microscopeLost" } }
        #expect(mended.duration(to: scene.life.executor.now) < .seconds(60))
        #expect(scene.world.column().claim?.session == scene.id)
        // Whoever has used the microscope meanwhile may have left it anywhere: the run begins as after any lost link.
        let before = scene.ledger.count { $0.kind == .connect }
        try scene.answer("next")
        try scene.reach { $0.exposure != nil }
        #expect(scene.ledger.count { $0.kind == .connect } == before + 1)
        try scene.reach { $0.prompt != nil && $0.prompt?.id != asked }
        try scene.answer("next")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }
}

/// A microscope whose program stands still.
private struct Frozen: WrappedMicroscope {
    let scope: any Microscope
    let isFrozen: Flag<Bool>
    let clock: any Clock<Duration>

    private func wait() async throws(MicroscopeError) {
        guard isFrozen.value.withLock(\.self) else { return }
        try? await clock.sleep(for: .seconds(20))
        throw .timedOut(command: "a command", seconds: 20)
    }
    func connect(_ terms: LinkTerms) async throws(MicroscopeError) {
        try await wait()
        try await scope.connect(terms)
    }
    func clearClaim() async throws(MicroscopeError) {
        try await wait()
        try await scope.clearClaim()
    }
    func setValves(open: Bool) async throws(MicroscopeError) {
        try await wait()
        try await scope.setValves(open: open)
    }
    func disconnect() async {
        if !Task.isCancelled { try? await wait() }
        await scope.disconnect()
    }
}

/// A microscope whose program is at something else when it is asked to write.
private struct BusyWithAMacro: WrappedMicroscope {
    let scope: any Microscope
    let isBusy: Flag<Bool>

    func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool {
        if isBusy.value.withLock(\.self) { throw .busy }
        return try await scope.writeClaim(claim, seconds: seconds)
    }
}

/// A microscope that cannot be connected to for a while.
private struct Unreachable: WrappedMicroscope {
    let scope: any Microscope
    let isAway: Flag<Bool>
    var problem = MicroscopeError.linkLost("since nobody answers")

    func connect(_ terms: LinkTerms) async throws(MicroscopeError) {
        if isAway.value.withLock(\.self) { throw problem }
        try await scope.connect(terms)
    }
    func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool {
        if isAway.value.withLock(\.self) { throw .linkLost("since nobody answers") }
        return try await scope.writeClaim(claim, seconds: seconds)
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
