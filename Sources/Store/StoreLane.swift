import Dispatch
import RunModel
import Synchronization

/// A thread for the calls of one caller that decides and writes in one step, and so waits where it stands: for a few seconds, not for a night.
///
/// A disk that has not answered one call in time is asked no other until it has. Calls are carried out in their order, so a change that is
/// written late is written before whatever is asked next.
public final class StoreLane: StoreCaller {
    public static let patience = Duration.seconds(5)
    /// A call in the way of somebody who is in a hurry gets as long as a healthy disk needs, and so little that a stop is heard within 200 ms all in all.
    public static let hurriedPatience = Duration.milliseconds(150)
    private let patience: Duration
    private let hurriedPatience: Duration
    /// Another session's call, which costs that one its valves where it is given up, gets as long as a slow disk needs.
    private let othersPatience: Duration
    private let queue: DispatchQueue
    private let state = Mutex(State())

    private struct State {
        /// Calls that have not come back yet although their caller has gone, the oldest first.
        var overdue: [Wait] = []
        /// The call that its caller waits for.
        var waiting: Wait?
        /// Until when somebody is in a hurry.
        var hurries: [SessionID: ContinuousClock.Instant] = [:]
    }

    public init(
        patience: Duration = StoreLane.patience, hurriedPatience: Duration = StoreLane.hurriedPatience,
        othersPatience: Duration = .seconds(1)
    ) {
        self.patience = patience
        self.hurriedPatience = min(hurriedPatience, patience)
        self.othersPatience = min(othersPatience, patience)
        queue = DispatchQueue(label: "store", qos: .userInitiated)
    }

    /// True while a call hangs that nobody waits for any more.
    package var isSilent: Bool { state.withLock { !$0.overdue.isEmpty } }
    /// True while a caller waits for its call.
    package var isWaitedFor: Bool { state.withLock { $0.waiting != nil } }

    /// A run of this session is to be stopped or killed. The call that the caller waits for, and those of the next moment, are cut short.
    public func hurry(for session: SessionID) {
        let waiting = state.withLock { state in
            state.hurries = state.hurries.filter { $0.value > .now }
            state.hurries[session] = .now + .seconds(2)
            return state.waiting
        }
        guard let waiting else { return }
        let isOthers = waiting.call.isOthers(than: [session])
        let left = isOthers ? max(hurriedPatience, othersPatience - (.now - waiting.began)) : hurriedPatience
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(left.wholeNanoseconds)) { waiting.wake() }
    }

    public func call<Value: Sendable>(
        _ kind: StoreCall, on path: String, late: (@Sendable (Value) -> Void)?,
        _ work: @escaping @Sendable () -> Result<Value, StoreError>
    ) throws(StoreError) -> Value {
        let (wait, outcome) = (Wait(kind), Outcome<Value>())
        guard let limit = begin(wait) else { throw .noAnswer(path: path) }
        queue.async { [self] in
            let result = work()
            guard outcome.put(result) else { return wait.wake() }
            if case .success(let value) = result { late?(value) }
            state.withLock { $0.overdue.removeAll { $0 === wait } }
        }
        wait.sleep(for: limit)
        guard let result = end(wait, outcome) else { throw .noAnswer(path: path) }
        return try result.get()
    }

    /// How long it may take; nil while an earlier one hangs.
    private func begin(_ wait: Wait) -> Duration? {
        state.withLock { state in
            let hurried = Array(state.hurries.filter { $0.value > .now }.keys)
            guard let limit = limit(of: wait.call, behind: state.overdue.first, hurried) else { return nil }
            state.waiting = wait
            return limit
        }
    }

    /// A call that was given up so soon was given up for somebody's hurry: it shows a slow disk, not yet a silent one. Refused at once behind it,
    /// another session would close its valves for nothing; so that one waits its turn, until the disk has had as long as a slow one needs.
    private func limit(of call: StoreCall, behind overdue: Wait?, _ hurried: [SessionID]) -> Duration? {
        if let overdue {
            let left = othersPatience - (.now - overdue.began)
            return call.isOthers(than: hurried) && left > .zero ? left : nil
        }
        if hurried.isEmpty { return patience }
        return call.isOthers(than: hurried) ? othersPatience : hurriedPatience
    }

    /// Nil where there is no answer yet.
    private func end<Value>(_ wait: Wait, _ outcome: Outcome<Value>) -> Result<Value, StoreError>? {
        state.withLock { state in
            state.waiting = nil
            // Counted before the thread of the call can find its caller gone.
            state.overdue.append(wait)
            let result = outcome.take()
            if result != nil { state.overdue.removeLast() }
            return result
        }
    }
}

extension StoreCall {
    fileprivate func isOthers(than sessions: [SessionID]) -> Bool { session.map { !sessions.contains($0) } ?? false }
}

/// What a thread sleeps on until its call is answered or somebody wakes it.
private final class Wait: Sendable {
    let call: StoreCall
    let began = ContinuousClock.now
    private let bell = DispatchSemaphore(value: 0)

    init(_ call: StoreCall) { self.call = call }

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
