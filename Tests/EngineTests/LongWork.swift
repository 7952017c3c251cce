import Foundation
import Synchronization
import Testing

/// Runs tests that take minutes of a core on threads of their own, of which there are two.
///
/// All other tests share as many threads as the machine has cores. Those that wait for a real clock would wait behind these for minutes,
/// and what they measure would be that.
struct LongWork: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(LongWorkThreads.shared) { try await function() }
    }
}

extension Trait where Self == LongWork {
    static var longWork: LongWork { LongWork() }
}

private final class LongWorkThreads: TaskExecutor {
    static let shared = LongWorkThreads()
    private let jobs = Mutex<[UnownedJob]>([])
    private let count = DispatchSemaphore(value: 0)

    private init() {
        for _ in 1...2 { Thread.detachNewThread { [self] in work() } }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        count.signal()
    }

    private func work() {
        while true {
            count.wait()
            jobs.withLock { $0.removeFirst() }.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
