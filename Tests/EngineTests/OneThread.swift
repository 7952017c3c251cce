import Dispatch
import Testing

/// Runs tests that take minutes of a core one after the other on a thread of their own.
///
/// All other tests share as many threads as the machine has cores. Those that wait for a real clock would wait behind these for minutes,
/// and what they measure would be that.
struct OneThread: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(LongWork.shared) { try await function() }
    }
}

extension Trait where Self == OneThread {
    static var oneThread: OneThread { OneThread() }
}

private final class LongWork: TaskExecutor {
    static let shared = LongWork()
    private let queue = DispatchQueue(label: "long tests", qos: .utility)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
