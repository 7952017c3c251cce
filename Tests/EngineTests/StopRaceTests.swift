import Engine
import RunModel
import TestSupport
import Testing

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

    @Test func `a force-kill that comes as the run ends is carried out, or refused`() throws {
        let whole = try nearItsEnd()
        let before = whole.life.executor.steps
        try whole.reach { $0.status == .completed }
        let steps = whole.life.executor.steps - before
        var killed = 0
        for left in 0...40 {
            let scene = try nearItsEnd()
            for _ in 0..<(steps - left) { scene.life.executor.step() }
            let refusal = try scene.refusal { [id = scene.id] in try await $0.forceKill(id, by: "staff", command: "k") }
            try scene.reachEnd()
            let status = try scene.state.status
            #expect(status == (refusal == nil ? .killed : .completed), "\(left) steps before: \(String(describing: refusal))")
            killed += refusal == nil ? 1 : 0
        }
        #expect((1...40).contains(killed))
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
