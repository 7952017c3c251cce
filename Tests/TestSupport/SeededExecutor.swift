import Simulator
import Synchronization

/// Runs a whole engine on the test's own thread, in an order that the seed alone decides.
///
/// It takes the jobs of actors that name it (or a lane of it) and of tasks that prefer it, picks the next by the
/// seed, and moves its clock to the next sleeper when none is ready. Hours of a run take milliseconds, and a seed
/// that finds a fault finds it every time.
///
/// Start tasks with `start`, then call one of the `run` functions. Whatever sleeps on another clock, or resumes from
/// another thread, is outside the seed's order.
public final class SeededExecutor: SerialExecutor, TaskExecutor {
    /// Why a `run` came back.
    public enum Outcome: Equatable, Sendable {
        /// What was waited for has come.
        case reached
        /// Nothing is ready and nobody sleeps: everything left waits for something that will not happen.
        case idle
        case outOfSteps
        case abandoned
    }

    private let state: Mutex<SeededState>

    /// How the next job is chosen.
    public enum Order: Sendable {
        /// By the seed, so that a thousand seeds try a thousand orders.
        case seeded
        /// As they came. What happens then hangs on time alone and not on how many calls lie between, so that a program can be compared
        /// with one that was cut differently.
        case asTheyCame
    }

    public init(seed: UInt64, order: Order = .seeded) {
        precondition(StrayJobs.areCaught, "This Swift runtime has no hook for the jobs of its global pool.")
        state = Mutex(SeededState(generator: SeededGenerator(seed: seed), order: order))
    }

    public var clock: VirtualClock { VirtualClock(executor: self) }
    public var now: VirtualInstant { state.withLock(\.now) }
    /// Jobs run so far.
    public var steps: Int { state.withLock(\.steps) }
    /// A digest of every choice and every moment so far: equal digests mean equal orders.
    public var trace: UInt64 { state.withLock(\.trace) }
    public var isAbandoned: Bool { state.withLock(\.isAbandoned) }
    /// Whether the calling code runs inside a job of this executor.
    public var isRunningHere: Bool { Self.current === self }
    /// The executor that runs the calling code, if one does.
    public static var current: SeededExecutor? { RunningHere.executor }
    /// Jobs that would have left for the global pool or the wall clock and were caught: plain tasks, which inherit
    /// no executor, and `Task.sleep`. They run here all the same; a test that expects none finds a `Task { … }` that
    /// forgot its executor, and a sleep that forgot its clock.
    public var strays: Int { state.withLock(\.strays) }

    /// An executor for one actor, so that calls between actors take their turn too.
    public func makeLane() -> SeededLane {
        SeededLane(on: self)
    }

    /// Starts a task here; it does nothing until one of the `run` functions is called.
    @discardableResult
    public func start<Value: Sendable>(
        _ body: sending @escaping @isolated(any) () async throws -> Value
    ) -> Task<Value, any Error> {
        Task(executorPreference: self, operation: body)
    }

    /// Drops every job and every sleeper, now and in future, as `kill -9` does: nothing of this executor runs again.
    ///
    /// Call it between two steps. Called from inside a job, that job still goes on to its next suspension: there,
    /// use `die()`. What the dropped tasks held is never released.
    public func abandon() {
        state.withLock { $0.abandon() }
    }

    /// Ends everything on this executor at this very line: a power cut inside a job.
    ///
    /// It stays with its caller, or others would come before it. Exact where actors have lanes: a default actor runs all calls that wait for it in one job, so those already
    /// waiting for the same actor still get their turn.
    public nonisolated(nonsending) func die() async -> Never {
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in abandon() }
        fatalError("A job went on after its executor had died.")
    }

    // MARK: As an executor

    public func enqueue(_ job: consuming ExecutorJob) {
        add(UnownedJob(job), isolatedTo: asUnownedSerialExecutor())
    }

    public func checkIsolated() {
        precondition(isRunningHere, "This code left the seeded executor of its actor.")
    }

    public func isIsolatingCurrentContext() -> Bool? {
        isRunningHere
    }

    func add(_ job: UnownedJob, isolatedTo serial: UnownedSerialExecutor) {
        state.withLock { $0.add(ReadyJob(job: job, serial: serial)) }
    }

    func addStray(_ job: UnownedJob, after delay: Duration = .zero) {
        state.withLock { $0.addStray(ReadyJob(job: job, serial: asUnownedSerialExecutor()), after: delay) }
    }

    // MARK: As a clock

    func nextSleeperNumber() -> Int {
        state.withLock { $0.nextSleeperNumber() }
    }

    func addSleeper(_ sleeper: Sleeper) {
        // Asked under the lock: a task cancelled before this was not found by `cancelSleeper`, one cancelled after it is.
        let isAdded = state.withLock { state in
            if Task.isCancelled { return false }
            state.add(sleeper)
            return true
        }
        if !isAdded { cancel(sleeper) }
    }

    func cancelSleeper(_ number: Int) {
        if let sleeper = state.withLock({ $0.takeSleeper(number) }) { cancel(sleeper) }
    }

    private func cancel(_ sleeper: Sleeper) {
        RunningHere.with(self) { sleeper.continuation.resume(throwing: CancellationError()) }
    }

    // MARK: One job

    /// Runs one job, moving the clock if none is ready. False: there was none to run, up to `limit`.
    @discardableResult
    public func step(notAfter limit: VirtualInstant? = nil) -> Bool {
        while true {
            switch state.withLock({ $0.next(notAfter: limit) }) {
            case .wake(let sleepers):
                // Outside the lock: a resumed task comes back through `enqueue`, or as a stray.
                RunningHere.with(self) {
                    for sleeper in sleepers { sleeper.continuation.resume() }
                }
            case .run(let ready):
                run(ready)
                return true
            case .nothing:
                return false
            }
        }
    }

    private func run(_ ready: ReadyJob) {
        state.withLock { $0.beginJob() }
        RunningHere.with(self) {
            ready.job.runSynchronously(isolatedTo: ready.serial, taskExecutor: asUnownedTaskExecutor())
        }
        state.withLock { $0.endJob() }
    }

    func moveClock(to moment: VirtualInstant) {
        state.withLock { $0.now = max($0.now, moment) }
    }
}
