import Dispatch
import Synchronization

/// A thread for the calls of one caller that decides and writes in one step, and so waits where it stands: for a few seconds, not for a night.
///
/// A disk that has not answered one call in time is asked no other until it has. Calls are carried out in their order, so a change that is
/// written late is written before whatever is asked next.
public final class StoreLane: StoreCaller {
    private let patience: Duration
    /// A call of somebody who is in a hurry gets as long as a healthy disk needs.
    private let hurriedPatience: Duration
    private let queue: DispatchQueue
    private let state = Mutex(State())

    private struct State {
        /// Calls that have not come back yet although their caller has gone.
        var overdue = 0
        /// The call that its caller waits for.
        var waiting: Wait?
        var hurryEnds: ContinuousClock.Instant?
    }

    public init(patience: Duration = .seconds(5), hurriedPatience: Duration = .milliseconds(400)) {
        self.patience = patience
        self.hurriedPatience = min(hurriedPatience, patience)
        queue = DispatchQueue(label: "store", qos: .userInitiated)
    }

    /// True while a call hangs that nobody waits for any more.
    public var isSilent: Bool { state.withLock { $0.overdue > 0 } }

    /// How long the caller has been waiting for the call under way; nil while it does not wait.
    public var waitingFor: Duration? { state.withLock { $0.waiting.map { .now - $0.began } } }

    /// Somebody wants the caller's thread now: a run is to be stopped or killed. The call that it waits for, and those of the next moment,
    /// get no more time than a healthy disk needs.
    public func hurry() {
        let waiting = state.withLock { state in
            state.hurryEnds = .now + .seconds(2)
            return state.waiting
        }
        guard let waiting else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(hurriedPatience.wholeNanoseconds)) { waiting.wake() }
    }

    public func call<Value: Sendable>(
        _ kind: StoreCall, on path: String, late: (@Sendable (Value) -> Void)?,
        _ work: @escaping @Sendable () -> Result<Value, StoreError>
    ) throws(StoreError) -> Value {
        let wait = Wait()
        let outcome = Outcome<Value>()
        let limit = state.withLock { state -> Duration? in
            guard state.overdue == 0 else { return nil }
            state.waiting = wait
            let isHurried = state.hurryEnds.map { $0 > .now } ?? false
            return isHurried ? hurriedPatience : patience
        }
        guard let limit else { throw .noAnswer(path: path) }
        queue.async { [self] in
            let result = work()
            guard outcome.put(result) else { return wait.wake() }
            if case .success(let value) = result { late?(value) }
            state.withLock { $0.overdue -= 1 }
        }
        wait.sleep(for: limit)
        let result = state.withLock { state in
            state.waiting = nil
            // Counted before the thread of the call can find its caller gone.
            state.overdue += 1
            let result = outcome.take()
            if result != nil { state.overdue -= 1 }
            return result
        }
        guard let result else { throw .noAnswer(path: path) }
        return try result.get()
    }
}

/// What a thread sleeps on until its call is answered or somebody wakes it.
private final class Wait: Sendable {
    let began = ContinuousClock.now
    private let bell = DispatchSemaphore(value: 0)

    func wake() { bell.signal() }
    func sleep(for limit: Duration) { _ = bell.wait(timeout: .now() + .nanoseconds(limit.wholeNanoseconds)) }
}

/// A result on its way from one thread to another, where the other may have gone.
private final class Outcome<Value: Sendable>: Sendable {
    private enum Place {
        case open, gone
        case answered(Result<Value, StoreError>)
    }
    private let place = Mutex(Place.open)

    /// True when its caller has gone.
    func put(_ result: Result<Value, StoreError>) -> Bool {
        place.withLock { place in
            if case .gone = place { return true }
            place = .answered(result)
            return false
        }
    }

    /// Nil when there is none yet; from then on nobody waits for it.
    func take() -> Result<Value, StoreError>? {
        place.withLock { place in
            if case .answered(let result) = place { return result }
            place = .gone
            return nil
        }
    }
}

extension Duration {
    fileprivate var wholeNanoseconds: Int {
        Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
    }
}
