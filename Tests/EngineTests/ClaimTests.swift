import Engine
import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct ClaimTests {
    @Test(arguments: 0..<40) func `a start from another server is refused at the microscope, and the run that holds it goes on`(
        seed: UInt64
    ) throws {
        let two = try TwoServers(seed: seed)
        try two.scene.start(by: "ada")
        try two.scene.reach { $0.status == .running }
        // From the first load to the last exposures.
        two.scene.pass(.milliseconds(500 + 11_000 * Int(seed)))
        guard try two.scene.state.status.needsHolder else { return }
        let before = two.connects
        try two.startSecond()
        try two.untilSecondEnds()
        #expect(try two.secondState.status == .failed)
        #expect(try two.secondFailure() == "scopeLock.held")
        let notice = try #require(try two.secondState.notices.first { $0.id == "scopeLock" })
        #expect(
            notice.sentence.hasPrefix(
                "ada is running session first on this microscope from another server, on scopehost, since 20"))
        #expect(try two.secondLines().contains { $0.contains("ada is running session first") })
        try two.scene.reachEnd()
        try two.scene.checkAtRest(.completed)
        // The one that was refused, and the one that came back.
        #expect(two.connects <= before + 2)
        #expect(two.scene.world.column().claim == nil)
        #expect(Set(two.scene.exposed).count == two.scene.exposed.count)
        #expect(!two.scene.exposed.contains { $0.hasPrefix("second") })
    }

    @Test func `whoever was refused a moment ago is refused again without a look, and staff are not`() throws {
        let two = try TwoServers(seed: 3)
        try two.scene.start(by: "ada")
        try two.scene.reach { $0.exposure != nil }
        try two.startSecond()
        try two.untilSecondEnds()
        let before = two.connects
        #expect(try two.refusal()?.code == "scopeLock.held")
        two.scene.pass(.seconds(30))
        #expect(try two.refusal()?.sentence.contains("ada is running session first") == true)
        #expect(two.connects == before + 1)
        two.scene.pass(.seconds(61))
        #expect(try two.refusal() == nil)
    }

    @Test(arguments: 0..<10) func `a run that waits for an answer keeps its microscope for hours, also when it is pushed out`(
        seed: UInt64
    ) throws {
        let two = try TwoServers(seed: seed, pauses: true)
        try two.scene.start(by: "ada")
        try two.scene.reach { $0.prompt != nil }
        two.scene.pass(.seconds(7200 + Int(seed)))
        try two.startSecond()
        try two.untilSecondEnds()
        #expect(try two.secondFailure() == "scopeLock.held")
        two.scene.pass(.seconds(600))
        try two.startSecond()
        try two.untilSecondEnds()
        #expect(try two.secondFailure() == "scopeLock.held")
        #expect(try two.scene.state.prompt != nil)
        two.scene.pass(.seconds(20))
        try two.scene.answer("next")
        try two.scene.reachEnd()
        try two.scene.checkAtRest(.completed)
    }

    @Test(arguments: 0..<20) func `staff take the microscope over, and the run that had it ends and says who has it`(
        seed: UInt64
    ) throws {
        let two = try TwoServers(seed: seed)
        try two.scene.start(by: "ada")
        try two.scene.reach { $0.status == .running }
        two.scene.pass(.milliseconds(500 + 20_000 * Int(seed)))
        guard try two.scene.state.status.needsHolder else { return }
        // Told whose it is, staff say it once more.
        try two.startSecond(forced: true)
        try two.untilSecondEnds()
        #expect(try two.secondFailure() == "scopeLock.held")
        guard try two.scene.state.status.needsHolder else { return }
        try two.startSecond(forced: true)
        try two.scene.reach { $0.status == .failed }
        #expect(try two.scene.failure() == "scopeLock.lost")
        #expect(try two.scene.state.notices.contains { $0.id == "scopeLock" && $0.sentence.contains("by grace") })
        try two.untilSecondEnds()
        #expect(try two.secondState.status == .completed)
        #expect(try two.secondLines().contains { $0.hasPrefix("grace took the microscope over from ada, on scopehost") })
        #expect(Set(two.scene.exposed).count == two.scene.exposed.count)
        #expect(two.scene.world.column().claim == nil)
    }

    @Test func `a claim that nobody renews any more keeps nobody out`() throws {
        let two = try TwoServers(seed: 5)
        let column = two.scene.world.column()
        let ghost = ScopeClaim(
            installation: "elsewhere", epoch: 3, session: "ghost", sessionName: "ghost", group: "demo", person: "nobody",
            host: "h",
            since: Timestamp(milliseconds: 1_790_000_000_000))
        let client = SimulatedMicroscope(
            column: column, clock: two.scene.life.executor.clock, now: { Timestamp(milliseconds: 1_790_000_000_000) },
            camera: PixelFreeCamera(optics: CameraOptics(two.scene.world.detector(of: "scope-1")), written: { _, _ in }))
        try two.other.command {
            try await client.connect(greeting: "ghost")
            _ = try await client.writeClaim(ghost, seconds: 60)
        }
        try two.scene.start()
        try two.scene.reach { $0.status == .failed }
        #expect(try two.scene.state.outcome?.sentence?.hasPrefix("nobody is running session ghost") == true)
        two.scene.pass(.seconds(61))
        try two.scene.start()
        try two.scene.reachEnd()
        try two.scene.checkAtRest(.completed)
    }

    @Test func `a program that takes the link twice within a minute is left the microscope`() throws {
        let scene = try Scene(grids: 1)
        let column = scene.world.column()
        let executor = scene.life.executor
        let client = SimulatedMicroscope(
            column: column, clock: executor.clock, now: { Timestamp(milliseconds: 1_790_000_000_000) },
            camera: PixelFreeCamera(optics: CameraOptics(scene.world.detector(of: "scope-1")), written: { _, _ in }))
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.life.command { try await client.connect(greeting: "a script") }
        try scene.reach { $0.notices.contains { $0.id == "microscopeLost" } }
        try scene.reach { !$0.notices.contains { $0.id == "microscopeLost" } }
        try scene.life.command { try await client.connect(greeting: "a script") }
        let connects = scene.ledger.count { $0.kind == .connect }
        try scene.reach { $0.status == .failed }
        #expect(try scene.failure() == "microscope.displaced")
        #expect(try scene.state.notices.contains { $0.id == "scopeLock" })
        scene.pass(.seconds(600))
        #expect(scene.ledger.count { $0.kind == .connect } == connects)
        try scene.start()
        try scene.reachEnd()
        #expect(try scene.state.status == .completed)
    }

    @Test func `a program that takes the link once in a while ends no run`() throws {
        let scene = try Scene(grids: 2)
        let client = SimulatedMicroscope(
            column: scene.world.column(), clock: scene.life.executor.clock, now: { Timestamp(milliseconds: 1_790_000_000_000) },
            camera: PixelFreeCamera(optics: CameraOptics(scene.world.detector(of: "scope-1")), written: { _, _ in }))
        try scene.start()
        // From here on commands are short: a push is felt at once.
        try scene.reach { $0.exposure != nil }
        for _ in 0..<2 {
            try scene.life.command { try await client.connect(greeting: "a script") }
            scene.pass(.seconds(80))
        }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a force-kill takes the claim away`() throws {
        let two = try TwoServers(seed: 8)
        try two.scene.start()
        try two.scene.reach { $0.exposure != nil }
        try two.scene.kill()
        try two.scene.checkAtRest(.killed)
        #expect(two.scene.world.column().claim == nil)
        #expect(try two.refusal() == nil)
        try two.untilSecondEnds()
        #expect(try two.secondState.status == .completed)
    }

    @Test func `a server that was killed finds its own claim, and goes on`() throws {
        var scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.crash()
        #expect(scene.world.column().claim?.session == "first")
        try scene.start()
        try scene.reach { !$0.status.needsHolder || $0.prompt != nil }
        if try scene.state.prompt != nil { try scene.answer("leave") }
        try scene.reachEnd()
        #expect(scene.world.column().claim == nil)
    }
}
