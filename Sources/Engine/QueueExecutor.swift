import Blocking
import Dispatch

/// The engine's own thread of decisions: all its actors run here, one job at a time.
///
/// Sharing one executor lets an actor decide, write and tell without an `await` between, whichever actor it is (see `Journal.recordNow`).
/// It may block for as long as SQLite takes to reach the disk, so it is never one of Swift's shared threads.
public final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue
    /// What it is at.
    public let activity = ThreadActivity()

    public init(label: String) { queue = DispatchQueue(label: label, qos: .userInitiated) }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        perform { job.runSynchronously(on: executor) }
    }

    /// Carries out a call when everything before it is done, without a detour over the threads that Swift's tasks share.
    public func perform(_ call: @escaping @Sendable () -> Void) {
        queue.async { [activity] in
            activity.enter()
            call()
            activity.leave()
        }
    }
}
