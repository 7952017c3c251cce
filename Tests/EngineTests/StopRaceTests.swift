import RunModel
import Synchronization
import TestSupport
import Testing

@testable import Engine

/// Two people at once: what each of them was told is so.
@Suite struct StopRaceTests {
    @Test func `a stop that was accepted beside a take-back ends the run, and one that was refused says whose stop it met`()
        throws
    {
        var accepted = 0
        for seed in Seeds.first(40) {
            let scene = try Scene(seed: seed, grids: 1)
            try scene.start()
            try scene.reachCommand("record")
            try scene.stop()
            let refusal = try stopBesideTakeBack(scene)
            try scene.reachEnd()
            if refusal == nil {
                accepted += 1
                try scene.checkAtRest(.stopped)
            } else {
                #expect(refusal == .stopping(by: "operator"), "seed \(seed)")
            }
        }
        #expect(accepted > 0)
    }

    private func stopBesideTakeBack(_ scene: Scene) throws -> EngineError? {
        try scene.life.command { [engine = scene.life.engine, id = scene.id] in
            async let takenBack: Void? = try? await engine.cancelStop(id, by: "second", command: "b")
            do throws(EngineError) { try await engine.stop(id, by: "third", command: "c") } catch {
                _ = await takenBack
                return error
            }
            _ = await takenBack
            return nil
        }
    }

    /// Whoever rings waits for nobody, so it may be at any moment: here at each of the times that somebody asks the clock.
    @Test func `a stop between the looks of a wait and the wait itself is not slept through`() throws {
        for number in 1...12 {
            let ring = Flag(Mutex<(left: Int, bell: @Sendable () -> Void)?>(nil))
            let scene = try Scene(grids: 1) { parts in parts.clock = RingingClock(clock: parts.clock as! VirtualClock, ring: ring)
            }
            try scene.start()
            try scene.reach { $0.grids[0].images == 1 }
            scene.world.folderProblem = .missing(path: "/data")
            try scene.reach { $0.prompt?.kind == .diskSilent }
            scene.pass(.seconds(60))
            let bell = try #require(scene.life.engine.bells[scene.id])
            ring.value.withLock { $0 = (number, { _ = bell.ringStop(by: "operator", command: "c") }) }
            try scene.reach { _ in ring.value.withLock { $0 == nil } }
            let before = scene.life.executor.now
            try scene.reach { !$0.status.needsHolder }
            // The way out of the column takes 3.5 s, and a wait as long as this one may be 5 s more.
            #expect(before.duration(to: scene.life.executor.now) < .seconds(4), "at look \(number)")
        }
    }

    @Test func `a force-kill that comes as the run ends is carried out, or refused`() throws {
        let whole = try nearItsEnd()
        let before = whole.life.executor.steps
        try whole.reach { $0.status == .completed }
        let steps = whole.life.executor.steps - before
        var killed = 0
        for left in 0...80 {
            let scene = try nearItsEnd()
            for _ in 0..<(steps - left) { scene.life.executor.step() }
            let refusal = try scene.refusal { [id = scene.id] in try await $0.forceKill(id, by: "staff", command: "k") }
            try scene.reachEnd()
            let status = try scene.state.status
            #expect(status == (refusal == nil ? .killed : .completed), "\(left) steps before: \(String(describing: refusal))")
            killed += refusal == nil ? 1 : 0
        }
        #expect((1...80).contains(killed))
    }

    private func nearItsEnd() throws -> Scene {
        var settings = GridSettings.quick
        settings.squaresPerGrid = 1
        settings.holesPerSquare = 1
        let scene = try Scene(grids: 1, settings: settings)
        try scene.start()
        try scene.reach { $0.grids[0].status == .completed }
        return scene
    }
}

/// Rings as it is asked the time.
private struct RingingClock: Clock {
    let clock: VirtualClock
    let ring: Flag<(left: Int, bell: @Sendable () -> Void)?>

    var now: VirtualInstant {
        let bell = ring.value.withLock { ring in
            ring?.left -= 1
            guard let due = ring, due.left == 0 else { return nil as (@Sendable () -> Void)? }
            ring = nil
            return due.bell
        }
        bell?()
        return clock.now
    }
    var minimumResolution: Duration { clock.minimumResolution }
    func sleep(until deadline: VirtualInstant, tolerance: Duration?) async throws {
        try await clock.sleep(until: deadline, tolerance: tolerance)
    }
}
