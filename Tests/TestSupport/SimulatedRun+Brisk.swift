import Engine
import Store

extension SimulatedRun {
    /// A life for stories that are told by the thousand.
    ///
    /// Looks by the clock are nine tenths of a story's work and find nothing where nothing changes by itself, so they come as rarely as they
    /// may; what a step depends on is looked at before the step. A few squares and holes do as well as hundreds.
    static func brisk(
        _ world: SimulatedWorld, seed: UInt64, order: SeededExecutor.Order = .seeded, failingMovies: Int = 0,
        standsOn disk: (inout EngineParts) -> Void
    ) throws -> SimulatedRun {
        try SimulatedRun(world, seed: seed, order: order, failingMovies: failingMovies) { parts in
            disk(&parts)
            parts.finder = SpecimenFinder(column: world.column(), mostSquares: 12, mostHoles: 12)
            parts.settings.pulseInterval = .seconds(600)
            parts.settings.diskInterval = .seconds(120)
            parts.settings.claimInterval = .seconds(60)
            parts.settings.lockWatchInterval = .seconds(120)
        }
    }
}
