/// A serial executor for one actor under a `SeededExecutor`.
///
/// Two actors that share one executor call each other without ever giving way, so nothing comes between them.
/// Actors with a lane each must be entered through the queue, as on real threads: at every such call the seed
/// decides who is next.
public final class SeededLane: SerialExecutor {
    private let executor: SeededExecutor

    init(on executor: SeededExecutor) {
        self.executor = executor
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        executor.add(UnownedJob(job), isolatedTo: asUnownedSerialExecutor())
    }

    public func checkIsolated() {
        precondition(executor.isRunningHere, "This code left the seeded executor of its actor.")
    }

    public func isIsolatingCurrentContext() -> Bool? {
        executor.isRunningHere
    }
}
