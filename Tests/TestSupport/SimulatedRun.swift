import Engine
import RunModel
import Simulator
import Store
import Synchronization

/// One life of a server in a simulated world: an engine on the seeded executor, with a virtual clock and a camera without pixels.
public final class SimulatedRun: Sendable {
    public let world: SimulatedWorld
    public let executor: SeededExecutor
    public let engine: Engine
    private let process: ProcessIdentity
    let heard = NewsHeard()
    private let failed = Flag()
    /// Read once: a life in thousands of stories is shorter than the reading.
    private static let recipes = Result { try RecipeBook.shipped() }

    /// `adjust` changes what the engine stands on: its settings, or a part that misbehaves. `camera` may put another one before the camera.
    /// `other`: a life whose time this one shares, job by job.
    public init(
        _ world: SimulatedWorld, seed: UInt64, order: SeededExecutor.Order = .seeded, failingMovies: Int = 20,
        adjust: (inout EngineParts) -> Void = { _ in },
        camera: @escaping @Sendable (any SimulatedCamera) -> any SimulatedCamera = { $0 },
        beside other: SimulatedRun? = nil
    ) throws {
        self.world = world
        let executor = other?.executor ?? SeededExecutor(seed: seed, order: order)
        self.executor = executor
        let process = world.beginProcess()
        self.process = process
        let outside = SimulatedOutside(world: world, this: process)
        let now: @Sendable () -> Timestamp = { world.now(executor.elapsedMilliseconds) }
        let microscopeNow: @Sendable () -> Timestamp = { world.microscopeNow(executor.elapsedMilliseconds) }
        let first = world.column(world.microscopes[0].id)
        var parts = EngineParts(
            store: world.store, executor: executor.makeLane(), clock: executor.clock, now: now, newID: { world.newID() },
            microscope: { description, detector in
                SimulatedMicroscope(
                    column: world.column(description.id), clock: executor.clock, now: microscopeNow,
                    camera: camera(
                        PixelFreeCamera(optics: CameraOptics(detector), written: { world.noteMovie($0, bytes: $1) })))
            },
            finder: SpecimenFinder(column: first), jobs: InstantJobs(clock: executor.clock, failsEvery: failingMovies),
            files: outside, locks: outside, processes: outside, recipes: try Self.recipes.get())
        // As seldom as nobody changes anything behind the engine's back.
        parts.settings.lockWatchInterval = .seconds(20)
        adjust(&parts)
        engine = Engine(parts)
        let engine = engine
        let (heard, failed) = (heard, failed)
        executor.start { do { try await engine.run() } catch { failed.set() } }
        executor.start {
            for await news in await engine.journal.listen() {
                heard.add(news, at: executor.now) { world.microscopeTime($0) }
            }
        }
    }

    /// `kill -9`: nothing of this life runs again; its process is gone from the table.
    public func kill() {
        executor.abandon()
        let moment = world.microscopeNow(executor.elapsedMilliseconds)
        for microscope in world.microscopes { world.column(microscope.id).loseProcess(at: moment) }
        end()
    }

    /// Whether this life ended by itself, in its recovery.
    var hasEnded: Bool { failed.isSet }

    /// Runs until the recovery is over, well or not.
    func becomeReady() throws {
        let (engine, isReady, failed) = (engine, Flag(), failed)
        executor.start {
            await engine.untilReady()
            isReady.set()
        }
        let outcome = executor.run(until: { isReady.isSet || failed.isSet })
        if outcome != .reached { throw SeededExecutor.Unfinished(outcome: outcome) }
    }

    /// The life is over by itself.
    public func end() {
        world.endProcess(process.pid)
        world.pass(executor.elapsedMilliseconds)
    }

    public func state(_ id: SessionID) throws -> SessionState {
        guard let state = try world.store.state(of: id)?.state else { throw MissingSession(id: id) }
        return state
    }
    public struct MissingSession: Error { public let id: SessionID }

    /// Runs a command of a person to its acceptance or refusal; whatever else is due goes on meanwhile.
    @discardableResult
    public func command<Answer: Sendable>(
        _ body: sending @escaping @isolated(any) () async throws -> Answer
    ) throws -> Answer { try executor.complete(body) }

    /// How often the journal has told something in this life.
    var told: Int { heard.count }

    /// Runs until the session's stored state satisfies a condition. False when it never does.
    public func run(_ id: SessionID, until condition: (SessionState) -> Bool) throws -> Bool {
        var satisfied = try condition(state(id))
        var seen = heard.count
        let outcome = executor.run(
            until: {
                guard heard.count != seen, !satisfied else { return satisfied }
                seen = heard.count
                satisfied = (try? condition(state(id))) ?? false  // the state was there a moment ago
                return satisfied
            }, limitSteps: 200_000)
        return outcome == .reached
    }
}

/// Something that has happened, for whoever cannot wait.
final class Flag: Sendable {
    private let state = Atomic(false)
    var isSet: Bool { state.load(ordering: .relaxed) }
    func set() { state.store(true, ordering: .relaxed) }
}

extension SeededExecutor {
    /// Virtual milliseconds since this executor began.
    var elapsedMilliseconds: Int64 {
        let elapsed = VirtualInstant(sinceStart: .zero).duration(to: now).components
        return elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
    }
}
