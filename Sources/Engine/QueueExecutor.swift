import Dispatch

/// The engine's own thread of decisions: all its actors run here, one job at a time.
///
/// Sharing one executor lets an actor decide, write and tell without an `await` between, whichever actor it is (see `Journal.recordNow`).
/// It may block for as long as SQLite takes to reach the disk, so it is never one of Swift's shared threads.
public final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    public init(label: String) { queue = DispatchQueue(label: label, qos: .userInitiated) }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { job.runSynchronously(on: executor) }
    }
}
