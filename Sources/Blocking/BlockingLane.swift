import Dispatch
import Synchronization

/// The few threads of one thing that may hang (a disk, the store), none of them Swift's own.
///
/// A caller has its answer or its deadline. A call that hangs keeps its thread until the thing answers. While one is overdue, and nothing
/// has been answered since it began, the lane is *silent*: a new call is refused at once, with how long the silence has lasted, so that a
/// dead disk costs a caller nothing and the machine at most `width` threads. An answer to a later call shows that the earlier one is long,
/// not that the thing is dead.
public final class BlockingLane: Sendable {
    /// What the lane leads to, as sentences say it after "The": "disk at /mnt/frames".
    public let name: String
    private let width: Int
    private let limit: Int
    private let patienceBesides: Duration?
    /// After so long a call that has no deadline of its own counts as overdue, too.
    fileprivate static let patience = Duration.seconds(30)
    private let state = Mutex(State())

    /// `width`: how many calls are carried out at once. `waiting`: how many more may stand behind them.
    ///
    /// `patienceBesides`: for what may hang in one question and answer the next. A silent lane that has a thread left then tries one more call on
    /// it, which has only so long; an answer ends the silence, and when every thread hangs nobody is tried any more.
    public init(_ name: String, width: Int = 1, waiting: Int = 256, patienceBesides: Duration? = nil) {
        self.name = name
        self.width = max(1, width)
        limit = waiting
        self.patienceBesides = patienceBesides
    }

    /// How long a call has been overdue here, counted from its start; nil while the lane answers.
    public var silence: Duration? { state.withLock { $0.silence(at: .now) } }

    /// Carries out `work` on a thread of the lane.
    ///
    /// Without a deadline a call waits its turn as long as that takes, silent lane or not: for whoever must not take "no answer" for
    /// "nothing there". A cancelled caller waits on all the same, since a late change of a file must not meet what came after it; one that
    /// only reads, or writes a file of its own, asks to be let go at once.
    public func run<Value: Sendable>(
        deadline: Duration? = nil, endsWhenCancelled: Bool = false, _ work: @escaping @Sendable () -> Value
    ) async throws(BlockingProblem) -> Value {
        try await run(deadline: deadline, endsWhenCancelled: endsWhenCancelled) { _ in work() }
    }

    /// The same for work of several steps, which asks before each change whether it is still wanted: after its deadline it is not.
    public func run<Value: Sendable>(
        deadline: Duration? = nil, endsWhenCancelled: Bool = false, _ work: @escaping @Sendable (_ isWanted: () -> Bool) -> Value
    ) async throws(BlockingProblem) -> Value {
        let answer = BlockingAnswer<Value>()
        let result: Result<Value, BlockingProblem> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.wait(continuation)
                if endsWhenCancelled, Task.isCancelled { return answer.give(.failure(.cancelled)) }
                let asked = ContinuousClock.now
                let job = Job(deadline: deadline, isWanted: { answer.isOpen }) {
                    let value = work { answer.isOpen }
                    return { answer.give(.success(value)) }
                }
                let deadline: Duration?
                do throws(BlockingProblem) { deadline = try add(job, asked) } catch { return answer.give(.failure(error)) }
                guard let deadline else { return }
                Self.deadlines.asyncAfter(deadline: .now() + deadline.dispatchInterval) {
                    if answer.isOpen { answer.give(.failure(self.overdue(since: asked))) }
                }
            }
        } onCancel: {
            if endsWhenCancelled { answer.give(.failure(.cancelled)) }
        }
        return try result.get()
    }

    private static let deadlines = DispatchQueue(label: "deadlines")

    /// The deadline that the call has here.
    private func add(_ job: Job, _ asked: ContinuousClock.Instant) throws(BlockingProblem) -> Duration? {
        let added = state.withLock { state -> Result<(deadline: Duration?, thread: Int?), BlockingProblem> in
            var job = job
            if let deadline = job.deadline, let silence = state.silence(at: .now) {
                guard let patienceBesides, state.running.count < width else { return .failure(.silent(name, for: silence)) }
                job.deadline = min(deadline, patienceBesides)
            }
            if state.waiting.count >= limit { state.waiting.removeAll { !$0.isWanted() } }
            guard state.waiting.count < limit else { return .failure(.full(name)) }
            let thread = state.freeThread(of: width)
            // Whoever finds a thread free begins now: when its deadline has passed, it is overdue.
            if thread != nil { job.start = asked }
            state.waiting.append(job)
            return .success((job.deadline, thread))
        }
        let (deadline, thread) = try added.get()
        // A queue's thread ends by itself once it has been idle for a while.
        if let thread { DispatchQueue(label: "\(name) \(thread)").async { self.drain(thread) } }
        return deadline
    }

    private func drain(_ thread: Int) {
        while let job = state.withLock({ $0.next(for: thread) }) {
            // Nobody waits any more for one whose deadline passed in the queue.
            guard job.isWanted() else { continue }
            let give = job.body()
            // Before the caller hears it: what it asks next must not be refused for a silence that is over.
            state.withLock { $0.answered(by: thread) }
            give()
        }
    }

    /// Nothing came back since the call was made: silence. Something did: the lane is slow, but alive.
    private func overdue(since asked: ContinuousClock.Instant) -> BlockingProblem {
        state.withLock { state in
            if let last = state.lastAnswer, last > asked, state.silence(at: .now) == nil { return .full(name) }
            return .silent(name, for: max(.now - asked, state.silence(at: .now) ?? .zero))
        }
    }
}

private struct Job: Sendable {
    var deadline: Duration?
    var start: ContinuousClock.Instant?
    var isWanted: @Sendable () -> Bool
    /// Does the work, and returns what hands its value over.
    var body: @Sendable () -> () -> Void
}

private struct State {
    var waiting: [Job] = []
    /// By thread: what it carries out, and since when.
    var running: [Int: (deadline: Duration, start: ContinuousClock.Instant)?] = [:]
    var lastAnswer: ContinuousClock.Instant?

    func silence(at now: ContinuousClock.Instant) -> Duration? {
        running.values.compactMap { call in
            guard let call, now - call.start >= call.deadline, call.start >= lastAnswer ?? call.start else { return nil }
            return now - call.start
        }.max()
    }

    mutating func answered(by thread: Int) {
        lastAnswer = .now
        running[thread] = .some(nil)
    }

    mutating func freeThread(of width: Int) -> Int? {
        guard let thread = (0..<width).first(where: { running[$0] == nil }) else { return nil }
        running[thread] = .some(nil)
        return thread
    }

    /// Nil ends the thread.
    mutating func next(for thread: Int) -> Job? {
        guard !waiting.isEmpty else {
            running[thread] = nil
            return nil
        }
        let job = waiting.removeFirst()
        // One that was asked just before an answer and began after it is not answered by it.
        let start = max(job.start ?? .now, lastAnswer ?? job.start ?? .now)
        running[thread] = .some((job.deadline ?? BlockingLane.patience, start))
        return job
    }
}

/// An answer that is given once, by whoever is first.
private final class BlockingAnswer<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, BlockingProblem>
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
    fileprivate var dispatchInterval: DispatchTimeInterval {
        let seconds = Int(clamping: min(components.seconds, 9_000_000_000))
        return .nanoseconds(seconds * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000))
    }
}
