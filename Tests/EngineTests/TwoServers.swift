import Engine
import RunModel
import TestSupport
import Testing

/// Two servers with data directories of their own, on one microscope and one clock.
struct TwoServers {
    let scene: Scene
    let other: SimulatedRun
    let second: SessionID = "second"
    private let world: SimulatedWorld

    init(seed: UInt64, grids: Int = 1, pauses: Bool = false) throws {
        scene = try Scene(seed: seed, grids: grids, pauses: pauses) { $0.settings.killDeadline = .seconds(10) }
        world = try SimulatedWorld(seed: seed + 1000, beside: scene.world)
        other = try SimulatedRun(world, seed: seed, failingMovies: 0, beside: scene.life)
        let created = world.session("second", grids: 1)
        try ask { try await $0.create(created) }
        try ask { try await $0.setPauseBetweenGrids(false, "second", by: "grace", command: "c") }
    }

    func ask(_ body: @escaping @Sendable (Engine) async throws -> Void) throws {
        let engine = other.engine
        try other.command { try await body(engine) }
    }

    func startSecond(forced: Bool = false) throws {
        try ask { try await $0.start("second", by: "grace", forced: forced, command: "c") }
    }

    /// Why the other server would not start; nil when it did.
    func refusal() throws -> EngineError? {
        do {
            try startSecond()
            return nil
        } catch let error as EngineError {
            return error
        }
    }

    func untilSecondEnds() throws {
        try #require(try other.run(second) { !$0.status.needsHolder && $0.status != .ready }, "the second does not end")
    }

    var secondState: SessionState { get throws { try other.state(second) } }
    func secondLines() throws -> [String] {
        try world.store.newestLogLines(of: second, log: .imaging, limit: 1000).map(\.line.message)
    }
    func secondFailure() throws -> String? {
        try world.store.events(on: .session(second), after: 0, limit: 100_000).map { try $0.stored() }.lastFailure
    }
    /// What the other server's dialog says of Force start.
    func forceStart() throws -> StaffFacts.Act {
        let engine = other.engine
        return try other.command { try await engine.staffFacts("second").forceStart }
    }
    var connects: Int { scene.ledger.count { $0.kind == .connect } }
}
