import Engine
import Microscope
import Processing
import RunModel
import TestSupport
import Testing

@Suite struct ForceKillTests {
    private static let phases = [
        "echo", "slots", "load", "columnState", "acquireAtlas", "moveStage", "realign", "findEucentricHeight", "acquire",
        "autofocus",
        "measureDrift", "stagePosition", "record",
    ]

    @Test(arguments: phases) func `a force-kill during any command ends everything at once`(command: String) throws {
        let scene = try Scene(grids: 1) { $0.settings.killDeadline = .seconds(10) }
        try scene.start()
        try scene.reachCommand(command)
        let asked = scene.life.executor.now
        try scene.kill()
        #expect(asked.duration(to: scene.life.executor.now) < .seconds(5))
        try scene.checkAtRest(.killed)
        #expect(try scene.state.outcome?.found?.prefix(2) == ["Valves closed.", "Connection closed."])
        #expect(try scene.state.outcome?.by == "staff")
        try finish(scene)
    }

    @Test(arguments: phases) func `a microscope that does not answer in time is named`(command: String) throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reachCommand(command)
        let asked = scene.life.executor.now
        try scene.kill()
        #expect(asked.duration(to: scene.life.executor.now) <= .seconds(1))
        try scene.checkAtRest(.killed, valvesClosed: false)
        #expect(try scene.state.outcome?.found?.first == "The microscope did not answer in time: check the column valves.")
        try finish(scene)
    }

    /// The next start goes on at the right target.
    private func finish(_ scene: Scene) throws {
        scene.pass(.seconds(300))
        try scene.start()
        try scene.reach { !$0.status.needsHolder || $0.prompt != nil }
        if try scene.state.prompt?.kind == .exposureUnknown { try scene.answer("leave") }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].holesDone == 4)
    }

    @Test func `a force-kill while the store is full says later that nobody knows of the valves`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.grids[0].images == 2 && $0.exposure != nil }
        try scene.world.store.limitPages(toPresent: true)
        try scene.kill()
        scene.pass(.seconds(60))
        try scene.world.store.limitPages(toPresent: false)
        scene.pass(.seconds(60))
        #expect(try !scene.state.status.needsHolder)
        #expect(try scene.state.notices.map(\.id) == ["valves"])
    }

    @Test func `a force-kill ends the jobs of its session, and the next run's start takes them up again`() throws {
        let scene = try Scene(grids: 1) { parts in parts.jobs = PatientJobs(clock: parts.clock) }
        try scene.start()
        try scene.reach { $0.grids[0].images >= 3 }
        #expect(try scene.facts().workers == 2)
        try scene.kill()
        scene.pass(.seconds(1))
        #expect(try scene.facts().workers == 0)
        scene.pass(.seconds(100_000))
        #expect(try scene.micrographs().allSatisfy { $0.status != .processed })
        try scene.start()
        try scene.reachEnd()
        scene.pass(.seconds(100_000))
        #expect(try scene.micrographs().map(\.status) == [MicrographStatus](repeating: .processed, count: 8))
    }

    @Test(arguments: [nil, "The valve sticks"]) func `the run's log says by whom it was killed, and why`(reason: String?) throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        let id = scene.id
        try scene.order { try await $0.forceKill(id, by: "grace", reason: reason, command: "c") }
        let line = try #require(try scene.lines().last { $0.message.hasPrefix("Force-killed by grace.") })
        #expect(line.message.hasSuffix(reason.map { "Lock freed. Reason: \($0)" } ?? "Lock freed."))
    }

    @Test func `there is nothing to kill where nothing runs`() throws {
        let scene = try Scene()
        let id = scene.id
        #expect(try scene.refusal { try await $0.forceKill(id, by: "staff", command: "c") } == .nothingToKill)
    }

    @Test func `a kill during a stop says killed`() throws {
        let scene = try Scene { $0.settings.killDeadline = .seconds(10) }
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.stop()
        try scene.kill()
        try scene.checkAtRest(.killed)
    }

    @Test func `a kill while the column is being left does not wait for it`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.stop()
        try scene.reachCommand("setValves", number: 2)
        let asked = scene.life.executor.now
        try scene.kill()
        #expect(asked.duration(to: scene.life.executor.now) <= .seconds(3))
    }

    @Test(arguments: 0..<20) func `two kills at once end one run once`(seed: UInt64) throws {
        let scene = try Scene(seed: seed)
        try scene.start()
        try scene.reach { $0.exposure != nil }
        let id = scene.id
        try scene.order { engine in
            await withTaskGroup(of: Void.self) { group in
                // The later one may find that nothing is left to kill.
                for _ in 0..<2 { group.addTask { try? await engine.forceKill(id, by: "staff", command: "c") } }
            }
        }
        try scene.checkAtRest(.killed, valvesClosed: false)
        #expect(try scene.events().count { if case .runKilled = $0.event { true } else { false } } == 1)
    }

    @Test func `a server that goes down ends the run as stopped, or as interrupted past its deadline`() throws {
        for (deadline, status) in [(Duration.seconds(100), SessionStatus.stopped), (.seconds(1), .interrupted)] {
            let scene = try Scene()
            try scene.start()
            try scene.reachCommand("autofocus")
            try scene.order { await $0.shutDown(within: deadline) }
            #expect(try scene.state.status == status)
            #expect(scene.world.lockFile() == nil)
            let id = scene.id
            #expect(try scene.refusal { try await $0.start(id, by: "operator", command: "c") } == .shuttingDown)
        }
    }

    @Test(arguments: 0..<50) func `a start while the server goes down leaves no lock behind`(seed: UInt64) throws {
        let scene = try Scene(seed: seed)
        let id = scene.id
        try scene.order { engine in
            await withTaskGroup(of: Void.self) { group in
                // Either of both may come first: what counts is how it ends.
                group.addTask { try? await engine.start(id, by: "operator", command: "c") }
                group.addTask { await engine.shutDown(within: .seconds(100)) }
            }
        }
        #expect(try !scene.state.status.needsHolder)
        #expect(scene.world.lockFile() == nil)
    }
}

/// Jobs that take an hour each.
struct PatientJobs: JobRunner {
    let width = 2
    let clock: any Clock<Duration>
    func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        do { try await clock.sleep(for: .seconds(3600)) } catch {
            throw JobProblem(sentence: "The job was ended.", wasCancelled: true)
        }
        return Measurement(
            average: "a", picture: "p", spectrum: "s", shifts: [], totalMotion: 0, ctf: nil, reason: "The camera saw nothing.")
    }
}
