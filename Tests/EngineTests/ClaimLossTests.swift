import Engine
import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

/// What a run does whose microscope others want, and what it may do to them.
@Suite struct ClaimLossTests {
    private func client(_ scene: Scene) -> SimulatedMicroscope {
        let executor = scene.life.executor
        return SimulatedMicroscope(
            column: scene.world.column(), clock: executor.clock,
            now: { Timestamp(milliseconds: 1_790_000_000_000).advanced(bySeconds: executor.now.sinceStart / .seconds(1)) },
            camera: PixelFreeCamera(optics: CameraOptics(scene.world.detector(of: "scope-1")), written: { _, _ in }))
    }
    private func connects(_ scene: Scene) -> Int { scene.ledger.count { $0.kind == .connect } }

    @Test(arguments: 0..<10)
    func `a run that waits for an answer ends when its microscope is taken over, and pushes nobody out again`(
        seed: UInt64
    ) throws {
        let two = try TwoServers(seed: seed, pauses: true)
        try two.scene.start(by: "ada")
        try two.scene.reach { $0.prompt != nil }
        two.scene.pass(.seconds(30 + Int(seed)))
        try two.startSecond()
        try two.untilSecondEnds()
        two.scene.pass(.seconds(30))
        #expect(try two.scene.state.prompt != nil)
        let before = two.connects
        try two.startSecond(forced: true)
        try two.scene.reach { $0.status == .failed }
        #expect(try two.scene.failure() == "scopeLock.lost")
        #expect(try two.scene.state.prompt == nil)
        #expect(try two.scene.state.notices.contains { $0.id == "scopeLock" && $0.sentence.contains("by grace") })
        try two.untilSecondEnds()
        #expect(try two.secondState.status == .completed)
        // The takeover, the look of the run that had it, and the way back of the one that has it.
        #expect(two.connects <= before + 3)
    }

    @Test func `a run that waits for an answer is left to nobody twice within a minute either`() throws {
        let scene = try Scene(grids: 1, pauses: true)
        let client = client(scene)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        try scene.life.command { try await client.connect(greeting: "a script") }
        scene.pass(.seconds(25))
        #expect(try scene.state.prompt != nil)
        try scene.life.command { try await client.connect(greeting: "a script") }
        let before = connects(scene)
        try scene.reach { $0.status == .failed }
        #expect(try scene.failure() == "microscope.displaced")
        scene.pass(.seconds(600))
        #expect(connects(scene) == before)
    }

    @Test func `Force start takes no microscope of which nobody has been told that another server has it`() throws {
        let two = try TwoServers(seed: 4)
        try two.scene.start(by: "ada")
        try two.scene.reach { $0.exposure != nil }
        #expect(try two.forceStart().sentence == "Start does the same here.")
        try two.startSecond(forced: true)
        try two.untilSecondEnds()
        #expect(try two.secondFailure() == "scopeLock.held")
        #expect(try two.forceStart().sentence.hasPrefix("Takes the microscope from ada's run"))
        two.scene.pass(.seconds(601))
        #expect(try !two.forceStart().sentence.contains("ada"))
        try two.scene.reachEnd()
        try two.scene.checkAtRest(.completed)
        #expect(Set(two.scene.exposed).count == two.scene.exposed.count)
    }

    @Test func `whoever only looks whose the microscope is ends no run, however often`() throws {
        let scene = try Scene(grids: 2)
        let client = client(scene)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        for _ in 0..<4 {
            let problem = try scene.life.command { () -> MicroscopeError? in
                do throws(MicroscopeError) {
                    try await client.connect(
                        LinkTerms(greeting: "a check", mayEnter: { if case .held = $0 { false } else { true } }))
                } catch { return error }
                return nil
            }
            guard case .claimed? = problem else { return #expect(Bool(false), "it was let in") }
            scene.pass(.seconds(25))
        }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a second id of one microscope lets no second run in`() throws {
        let scene = try Scene(grids: 1) { parts in
            let make = parts.microscope
            // Both ids lead to one column, as two names of one computer do.
            parts.microscope = { description, detector in
                var description = description
                description.id = "scope-1"
                return make(description, detector)
            }
        }
        var created = scene.world.session("second", grids: 1)
        (created.session.microscope, created.microscope.id) = ("scope-2", "scope-2")
        created.detector = scene.world.detector(of: "scope-2")
        created.session.detector = created.detector.id
        let second = created
        try scene.order { try await $0.create(second) }
        try scene.start(by: "ada")
        try scene.reach { $0.exposure != nil }
        try scene.order { try await $0.start("second", by: "grace", command: "c") }
        try #require(try scene.life.run("second") { $0.status == .failed }, "the second does not end")
        let outcome = try scene.life.state("second").outcome
        #expect(outcome?.sentence?.hasSuffix("on this microscope, which this server has under another id as well.") == true)
        try scene.reachEnd()
        #expect(try scene.state.status == .completed)
    }

    @Test func `a microscope that keeps the claim no more is said once`() throws {
        let flag = Flag(Mutex(false))
        let scene = try Scene(grids: 1, pauses: true) { parts in
            let make = parts.microscope
            parts.microscope = { Keeping(scope: make($0, $1), keeps: { !flag.value.withLock(\.self) }) }
        }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        let sentence = "The microscope program keeps no variables, so other servers cannot see that this run holds it."
        #expect(try !scene.lines().contains { $0.message == sentence })
        flag.value.withLock { $0 = true }
        scene.pass(.seconds(300))
        #expect(try scene.lines().count { $0.message == sentence } == 1)
    }

    @Test
    func `a renewal that is under way is finished before the column is left, so that the valves are closed over the same link`()
        throws
    {
        let flag = Flag(Mutex(false))
        let scene = try Scene(grids: 1, pauses: true) { parts in
            let (make, clock) = (parts.microscope, parts.clock)
            parts.microscope = { SlowClaim(scope: make($0, $1), clock: clock, isWriting: flag) }
        }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        scene.pass(.seconds(30))
        try #require(scene.life.executor.run(until: { flag.value.withLock(\.self) }, limitSteps: 100_000) == .reached)
        let before = connects(scene)
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(connects(scene) == before)
    }
}

/// One that may cease to keep variables.
private struct Keeping: WrappedMicroscope {
    let scope: any Microscope
    let keeps: @Sendable () -> Bool

    func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool {
        guard keeps() else { return false }
        return try await scope.writeClaim(claim, seconds: seconds)
    }
}

/// One that takes its time to write the claim down, and whose link does not outlive a question that is given up.
private struct SlowClaim: WrappedMicroscope {
    let scope: any Microscope
    let clock: any Clock<Duration>
    let isWriting: Flag<Bool>

    func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool {
        isWriting.value.withLock { $0 = true }
        defer { isWriting.value.withLock { $0 = false } }
        do { try await clock.sleep(for: .milliseconds(300)) } catch {
            await scope.disconnect()
            throw .cancelled
        }
        return try await scope.writeClaim(claim, seconds: seconds)
    }
}
