import Synchronization

/// A clock that stands still until the test moves it.
///
/// A test waits for the sleep it expects, then moves the clock past it:
/// ```swift
/// let asked = try await clock.nextSleep()
/// clock.advance(by: asked)
/// ```
public final class TestClock: Clock {
    public typealias Duration = Swift.Duration
    public typealias Instant = VirtualInstant

    private let state = Mutex(TestClockState())

    public init() {}

    public var now: VirtualInstant { state.withLock(\.now) }
    public var minimumResolution: Duration { .nanoseconds(1) }
    /// How many tasks sleep on this clock now.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    public func sleep(until deadline: VirtualInstant, tolerance: Duration? = nil) async throws {
        let number = state.withLock { $0.nextNumber() }
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                add(Sleeper(number: number, deadline: deadline, continuation: continuation))
            }
        } onCancel: {
            let sleeper = state.withLock { $0.takeSleeper(number) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock and wakes whoever's time has come, the earliest first.
    ///
    /// A task that sleeps again does so from the new time: one long step wakes a loop once.
    public func advance(by duration: Duration) {
        for sleeper in state.withLock({ $0.advance(by: duration) }) { sleeper.continuation.resume() }
    }

    /// Waits until a task sleeps that this has not yet told of, and says how long it has still to sleep.
    public func nextSleep() async throws -> Duration {
        let number = state.withLock { $0.nextNumber() }
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                add(Watcher(number: number, continuation: continuation))
            }
        } onCancel: {
            let watcher = state.withLock { $0.takeWatcher(number) }
            watcher?.continuation.resume(throwing: CancellationError())
        }
    }

    // Cancellation is asked under the lock: who is cancelled before is not found by `onCancel`, who is after it is.

    private func add(_ sleeper: Sleeper) {
        let (outcome, news) = state.withLock { state in
            Task.isCancelled ? (.cancelled, nil) : state.add(sleeper)
        }
        switch outcome {
        case .cancelled: sleeper.continuation.resume(throwing: CancellationError())
        case .due: sleeper.continuation.resume()
        case .sleeps: news.map { $0.watcher.continuation.resume(returning: $0.asked) }
        }
    }

    private func add(_ watcher: Watcher) {
        let isCancelled = state.withLock { state in
            if Task.isCancelled { return true }
            state.watchers.append(watcher)
            return false
        }
        if isCancelled { watcher.continuation.resume(throwing: CancellationError()) }
        let news = state.withLock { $0.takeNews() }
        news.map { $0.watcher.continuation.resume(returning: $0.asked) }
    }
}

/// A test that waits for somebody to sleep.
private struct Watcher: Sendable {
    let number: Int
    let continuation: UnsafeContinuation<Duration, any Error>
}

private struct TestClockState {
    enum Outcome { case cancelled, due, sleeps }

    var now = VirtualInstant.start
    var sleepers: [Sleeper] = []
    var watchers: [Watcher] = []
    private var untold: [Int] = []
    private var numbersSoFar = 0

    mutating func nextNumber() -> Int {
        numbersSoFar += 1
        return numbersSoFar
    }

    mutating func add(_ sleeper: Sleeper) -> (Outcome, (watcher: Watcher, asked: Duration)?) {
        guard sleeper.deadline > now else { return (.due, nil) }
        sleepers.append(sleeper)
        untold.append(sleeper.number)
        return (.sleeps, takeNews())
    }

    /// The longest waiting watcher with the sleeper it is to hear of, if there are both.
    mutating func takeNews() -> (watcher: Watcher, asked: Duration)? {
        guard !watchers.isEmpty, !untold.isEmpty else { return nil }
        let number = untold.removeFirst()
        guard let sleeper = sleepers.first(where: { $0.number == number }) else { return nil }
        return (watchers.removeFirst(), now.duration(to: sleeper.deadline))
    }

    mutating func takeSleeper(_ number: Int) -> Sleeper? {
        untold.removeAll { $0 == number }
        guard let index = sleepers.firstIndex(where: { $0.number == number }) else { return nil }
        return sleepers.remove(at: index)
    }

    mutating func takeWatcher(_ number: Int) -> Watcher? {
        guard let index = watchers.firstIndex(where: { $0.number == number }) else { return nil }
        return watchers.remove(at: index)
    }

    mutating func advance(by duration: Duration) -> [Sleeper] {
        now = now.advanced(by: duration)
        let due = sleepers.filter { $0.deadline <= now }.sorted { ($0.deadline, $0.number) < ($1.deadline, $1.number) }
        sleepers.removeAll { $0.deadline <= now }
        let gone = due.map(\.number)
        untold.removeAll { gone.contains($0) }
        return due
    }
}
