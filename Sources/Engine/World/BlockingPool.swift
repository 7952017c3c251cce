import Dispatch
import Synchronization

/// A few threads for calls that block, none of them Swift's own: a disk that hangs costs one of them, not the engine.
///
/// A caller has its answer or its deadline; a call that hangs keeps its thread until the disk comes back.
public final class BlockingPool: Sendable {
    private struct State {
        var waiting: [Job] = []
        var idle: [Int]
    }
    private struct Job {
        var isWanted: @Sendable () -> Bool
        var body: @Sendable () -> Void
    }
    private let lanes: [DispatchQueue]
    private let timers: DispatchQueue
    private let limit: Int
    private let state: Mutex<State>

    /// `waiting` bounds the calls that have no thread yet.
    public init(label: String, width: Int = 4, waiting: Int = 256) {
        lanes = (0..<max(1, width)).map { DispatchQueue(label: "\(label).\($0)") }
        timers = DispatchQueue(label: "\(label).deadlines")
        limit = waiting
        state = Mutex(State(idle: Array(lanes.indices.reversed())))
    }

    /// Carries out `work` on one of the threads. Without a deadline the caller waits as long as it takes.
    ///
    /// A cancelled caller waits on all the same, since a late change of a file must not meet what came after it; one that only reads, or
    /// writes a file of its own, asks to be let go at once.
    public func run<Value: Sendable>(
        deadline: Duration? = nil, endsWhenCancelled: Bool = false, _ work: @escaping @Sendable () -> Value
    ) async throws(BlockingPoolProblem) -> Value {
        let answer = Answer<Value>()
        let result: Result<Value, BlockingPoolProblem> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.wait(continuation)
                if endsWhenCancelled, Task.isCancelled { return answer.give(.failure(.cancelled)) }
                let job = Job(isWanted: { answer.isOpen }, body: { answer.give(.success(work())) })
                guard add(job) else { return answer.give(.failure(.full)) }
                guard let deadline else { return }
                timers.asyncAfter(deadline: .now() + deadline.dispatchInterval) { answer.give(.failure(.tooSlow)) }
            }
        } onCancel: {
            if endsWhenCancelled { answer.give(.failure(.cancelled)) }
        }
        return try result.get()
    }

    private func add(_ job: Job) -> Bool {
        let lane: Int? = state.withLock { state in
            guard state.waiting.count < limit else { return nil }
            state.waiting.append(job)
            return state.idle.popLast() ?? -1
        }
        guard let lane else { return false }
        if lane >= 0 { lanes[lane].async { self.drain(lane) } }
        return true
    }

    private func drain(_ lane: Int) {
        while let job = next(lane) {
            // Nobody waits any more for one whose deadline passed in the queue.
            if job.isWanted() { job.body() }
        }
    }

    private func next(_ lane: Int) -> Job? {
        state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.idle.append(lane)
            return nil
        }
    }
}

/// Why a call that blocks has no answer.
public enum BlockingPoolProblem: Error, Equatable, Sendable {
    case tooSlow
    /// Too many calls wait already.
    case full
    /// The caller's task was cancelled; the work may still be under way.
    case cancelled
}

/// An answer that is given once, by whoever is first.
private final class Answer<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, BlockingPoolProblem>
    private let continuation = Mutex<CheckedContinuation<Outcome, Never>?>(nil)

    func wait(_ waiting: CheckedContinuation<Outcome, Never>) { continuation.withLock { $0 = waiting } }

    var isOpen: Bool { continuation.withLock { $0 != nil } }

    func give(_ outcome: Outcome) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: outcome)
    }
}

extension Duration {
    /// Whole nanoseconds, at most some three hundred years.
    var dispatchInterval: DispatchTimeInterval {
        .nanoseconds(Int(clamping: components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000))
    }
}
