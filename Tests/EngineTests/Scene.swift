import Engine
import RunModel
import Simulator
import Store
import TestSupport
import Testing

/// A world with one session in it and one life of a server: what most tests of the engine begin with.
struct Scene {
    let world: SimulatedWorld
    private(set) var life: SimulatedRun
    let id: SessionID = "first"
    private let order: SeededExecutor.Order
    private let camera: @Sendable (any SimulatedCamera) -> any SimulatedCamera
    private let adjust: (inout EngineParts) -> Void

    init(
        seed: UInt64 = 1, grids: Int = 2, vendor: Vendor = .thermoFisher, settings: GridSettings = .quick,
        faults: [SimulatedFault] = [], column: ColumnSettings = ColumnSettings(), pauses: Bool = false,
        store: RunStore? = nil, order: SeededExecutor.Order = .seeded,
        adjust: @escaping (inout EngineParts) -> Void = { _ in },
        camera: @escaping @Sendable (any SimulatedCamera) -> any SimulatedCamera = { $0 }
    ) throws {
        world = try SimulatedWorld(seed: seed, vendor: vendor, store: store, faults: faults, column: column)
        life = try SimulatedRun(world, seed: seed, order: order, failingMovies: 0, adjust: adjust, camera: camera)
        self.order = order
        self.camera = camera
        self.adjust = adjust
        let created = world.session(id.rawValue, grids: grids, settings: settings)
        try self.order { try await $0.create(created) }
        if !pauses { try pause(false) }
    }

    var state: SessionState { get throws { try life.state(id) } }
    var ledger: [LedgerEntry] { world.column().ledger }
    /// Names of the Record exposures that the column made, in order.
    var exposed: [String] { ledger.filter { $0.kind == .exposure && $0.preset == "R" }.compactMap(\.name) }

    func commands(_ names: [String]) -> [LedgerEntry] {
        ledger.filter { $0.kind == .command && names.contains($0.name ?? "") }
    }
    func commands(_ name: String) -> [LedgerEntry] { commands([name]) }

    func order(_ body: @escaping @Sendable (Engine) async throws -> Void) throws {
        let engine = life.engine
        try life.command { try await body(engine) }
    }

    /// Why the engine would not; nil when it did.
    func refusal(_ body: @escaping @Sendable (Engine) async throws -> Void) throws -> EngineError? {
        do {
            try order(body)
            return nil
        } catch let error as EngineError {
            return error
        }
    }

    func start(by person: String = "operator", forced: Bool = false) throws {
        try order { [id] in try await $0.start(id, by: person, forced: forced, command: "c") }
    }
    func stop() throws { try order { [id] in try await $0.stop(id, by: "operator", command: "c") } }
    func takeBack() throws { try order { [id] in try await $0.cancelStop(id, by: "operator", command: "c") } }
    func kill() throws { try order { [id] in try await $0.forceKill(id, by: "staff", command: "c") } }
    func pause(_ enabled: Bool) throws {
        try order { [id] in try await $0.setPauseBetweenGrids(enabled, id, by: "operator", command: "c") }
    }
    func answer(_ text: String, by person: String = "operator") throws {
        let prompt = try #require(try state.prompt)
        try order { [id] in try await $0.answer(prompt.id, of: id, with: text, by: person, command: "c") }
    }
    func edit(_ change: (inout QueueEdit) -> Void) throws {
        let edit = try queueEdit(change)
        try order { [id] in try await $0.edit(edit, of: id, by: "operator", command: "c") }
    }
    func queueEdit(_ change: (inout QueueEdit) -> Void) throws -> QueueEdit {
        var edit = QueueEdit(version: try state.queue.version)
        change(&edit)
        return edit
    }

    /// Runs until the stored state is as wanted; a state that never comes is a failure of the test.
    func reach(_ what: Comment = "the state is never reached", _ condition: (SessionState) -> Bool) throws {
        try #require(try life.run(id, until: condition), what)
    }

    /// Whether a run lives, whatever the store has of it.
    var isLiving: Bool { life.engine.group(ofLiving: id) != nil }

    /// Runs until a store that fails has refused a change, and then until the valves are closed: how long the second took.
    func closing(for store: FailingStore) throws -> Duration {
        let (executor, column) = (life.executor, world.column())
        try #require(executor.run(until: { !store.refusals.isEmpty }) == .reached, "nothing is written")
        let met = executor.now
        try #require(executor.run(until: { !column.areValvesOpen }) == .reached, "the valves stay open")
        return met.duration(to: executor.now)
    }

    /// Runs to the end of the run and its movies.
    func reachEnd() throws {
        try reach("the run does not end") { !$0.status.needsHolder && $0.status != .ready }
        life.executor.run(for: .seconds(30))
    }

    /// Runs until the column has got a command of this name, counted over the whole world.
    func reachCommand(_ name: String, number: Int = 1) throws {
        let column = world.column()
        var seen = 0
        let outcome = life.executor.run(
            until: {
                let commands = column.counters.commands
                guard commands != seen else { return false }
                seen = commands
                return column.ledger.count { $0.kind == .command && $0.name == name } >= number
            }, limitSteps: 400_000)
        try #require(outcome == .reached, "the command \(name) is never given")
    }

    func pass(_ duration: Duration) { life.executor.run(for: duration) }

    /// `kill -9`, and a new life of the server.
    mutating func crash() throws {
        life.kill()
        life = try SimulatedRun(world, seed: 77, order: order, failingMovies: 0, adjust: adjust, camera: camera)
        life.executor.run(for: .milliseconds(1))
    }

    func events() throws -> [StoredEvent] {
        try world.store.events(on: .session(id), after: 0, limit: 100_000).map { try $0.stored() }
    }
    /// The code of the last run that failed.
    func failure() throws -> String? { try events().lastFailure }
    func lines(_ log: LogName = .imaging) throws -> [LogLine] {
        try world.store.newestLogLines(of: id, log: log, limit: 10_000).map(\.line)
    }
    func facts() throws -> StaffFacts {
        let (engine, id) = (life.engine, id)
        return try life.command { try await engine.staffFacts(id) }
    }
    func micrographs(of slot: Int = 1) throws -> [Micrograph] {
        try world.store.micrographs(of: GridID(id, slot: slot)) ?? []
    }
    func targets(of slot: Int = 1) throws -> [Target] { try world.store.targets(of: GridID(id, slot: slot)) ?? [] }

    /// With nothing running: no lock, no holder, a true status, valves closed, and nothing broken that must hold always.
    func checkAtRest(_ status: SessionStatus, valvesClosed: Bool = true) throws {
        let state = try state
        #expect(state.status == status)
        #expect(world.lockFile() == nil)
        #expect(try world.store.holder(of: "scope-1") == nil)
        #expect(world.column().connectedClient == nil)
        if valvesClosed { #expect(!world.column().areValvesOpen) }
        #expect(try ChaosInvariants(world: world, session: id).broken() == [])
    }
}

extension [StoredEvent] {
    var lastFailure: String? {
        compactMap { if case .runFailed(let failure) = $0.event { failure.code } else { nil } }.last
    }
}
