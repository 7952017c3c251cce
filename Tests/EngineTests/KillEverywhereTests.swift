import Engine
import Microscope
import RunModel
import Synchronization
import TestSupport
import Testing

/// The end of a run at each of its awaits, one after the other, from the atlas to the last hole.
@Suite(.serialized, .longWork) struct KillEverywhereTests {
    enum End: String, CaseIterable { case forceKill, crash }
    /// One job in so many, in the suite; each of them with `scripts/test --soak`.
    private static let every = Seeds.isSoaking ? 1 : 41

    @Test(arguments: End.allCases, 0..<4) func `an end at any moment loses no square and no hole, and exposes nothing twice`(
        end: End, part: Int
    ) throws {
        let jobs = try Self.jobs()
        try #require(jobs > 200)
        for job in stride(from: part * Self.every, to: jobs, by: 4 * Self.every) {
            var scene = try Self.scene()
            try scene.start()
            try scene.reachCommand("acquireAtlas")
            for _ in 0..<job { scene.life.executor.step() }
            // The last of them end the grid as well, or leave so little of it that it comes before the end.
            if try scene.state.grids[0].status == .completed { continue }
            try Self.end(&scene, by: end)
            if try scene.state.grids[0].status == .completed { continue }
            scene.pass(.seconds(300))
            try scene.start()
            try scene.reach("job \(job)") { !$0.status.needsHolder || $0.prompt != nil }
            // Cut in the middle of the shutter, nobody can tell: that one is left.
            let isLeft = try scene.state.prompt?.kind == .exposureUnknown
            if isLeft { try scene.answer("leave") }
            try scene.reachEnd()
            try scene.checkAtRest(.completed)
            let grid = try scene.state.grids[0]
            #expect(grid.status == .completed, "job \(job)")
            #expect(grid.squaresDone == 1 && grid.images == (isLeft ? 0 : 1), "job \(job)")
            #expect(Set(scene.exposed).count == scene.exposed.count && scene.exposed.count == 1, "job \(job)")
            #expect(
                try !scene.events().contains { if case .processingFailed = $0.event { true } else { false } }, "job \(job)")
        }
    }

    private static func scene() throws -> Scene {
        var settings = GridSettings.quick
        (settings.squaresPerGrid, settings.holesPerSquare, settings.exposuresPerHole) = (1, 1, 1)
        return try Scene(grids: 1, settings: settings) { parts in
            parts.settings.killDeadline = .seconds(10)
            // Nobody listens for signs of life here.
            parts.settings.pulseInterval = .seconds(7200)
            parts.settings.lockWatchInterval = .seconds(7200)
            parts.finder = SlowFinder(finder: parts.finder, clock: parts.clock, isSlow: { true })
        }
    }

    private static func end(_ scene: inout Scene, by end: End) throws {
        switch end {
        case .forceKill: try scene.kill()
        case .crash: try scene.crash()
        }
    }

    /// How many jobs lie between the atlas and the last look at the only hole.
    private static func jobs() throws -> Int {
        let scene = try Self.scene()
        try scene.start()
        try scene.reachCommand("acquireAtlas")
        let first = scene.life.executor.steps
        try scene.reach { $0.grids[0].holesDone == 1 }
        return scene.life.executor.steps - first
    }
}
