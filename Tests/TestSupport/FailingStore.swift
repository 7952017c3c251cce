import Engine
import RunModel
import Store
import Synchronization

/// A store whose disk fails when a test says so.
///
/// A disk that falls silent is met as a lane meets it: what is in memory can be read until something is to be written. That change is begun, its states are
/// out of the cache from then on, nothing else is asked, and it is written when the disk answers again.
public final class FailingStore: StoreCaller {
    fileprivate struct State {
        var changes = 0
        var hurries = 0
        var failure: StoreError?
        var failsAlso: Set<Int> = []
        var hangsAt: Int?
        var begun: (@Sendable () -> Void)?
        var store: RunStore?
        var refusals: [String: Int] = [:]
        /// Whose clock shows how long a silent disk is waited for; nil where that takes no time.
        var waiting: SeededExecutor?
        var hurriedUntil = VirtualInstant.start
    }
    private let state = Mutex(State())

    public init() {}

    public static let patience = StoreLane.patience
    public static let hurriedPatience = StoreLane.hurriedPatience

    /// Stands between an engine and its store.
    public func stand(before parts: inout EngineParts) {
        let store = parts.store
        state.withLock { $0.store = store }
        parts.caller = self
    }

    /// What each call meets from now on; nil for a healthy disk. What has begun is written now.
    public var failure: StoreError? {
        get { state.withLock { $0.failure } }
        set {
            let begun = state.withLock { state in
                state.failure = newValue
                defer { if newValue == nil { state.begun = nil } }
                return newValue == nil ? state.begun : nil
            }
            begun?()
        }
    }

    /// Changes that were asked for so far.
    public var changes: Int { state.withLock { $0.changes } }
    /// How often a change was refused, or not answered, by the code of why.
    public var refusals: [String: Int] { state.withLock { $0.refusals } }
    /// Whether a change waits for a disk that fell silent as it was begun.
    public var hasBegun: Bool { state.withLock { $0.begun != nil } }
    /// How often somebody was in a hurry.
    public var hurries: Int { state.withLock { $0.hurries } }

    /// Lets these changes alone fail, counted from 1.
    public func fail(changes: Set<Int>) { state.withLock { $0.failsAlso = changes } }

    /// The server ends while its change waits for a silent disk: it never reaches it.
    public func loseBegun() { state.withLock { $0.begun = nil } }

    /// From now on, whoever meets a silent disk first stands there until their patience is over, by this clock. A thread that waits so lets nothing
    /// else happen on it; whatever comes after that is told at once.
    public func takesTime(of executor: SeededExecutor) { state.withLock { $0.waiting = executor } }

    /// The disk falls silent at this change, counted from 1.
    public func hang(at change: Int) { state.withLock { $0.hangsAt = change } }

    public func call<Value: Sendable>(
        _ kind: StoreCall, on path: String, late: (@Sendable (Value) -> Void)?,
        _ work: @escaping @Sendable () -> Result<Value, StoreError>
    ) throws(StoreError) -> Value {
        let (failure, store, wait) = state.withLock { state -> (StoreError?, RunStore?, (SeededExecutor, Duration)?) in
            let hadBegun = state.begun != nil
            let failure = state.answer(to: kind, on: path) { if case .success(let value) = work() { late?(value) } }
            guard let executor = state.waiting, !hadBegun, state.begun != nil else { return (failure, state.store, nil) }
            return (failure, state.store, (executor, executor.now < state.hurriedUntil ? Self.hurriedPatience : Self.patience))
        }
        if let (executor, patience) = wait { executor.moveClock(to: executor.now.advanced(by: patience)) }
        guard let failure else { return try work().get() }
        // Whoever begins a change takes what it changes out of the cache, and puts it back when it is written.
        if kind.isChange, let session = kind.session { store?.doubtCachedStates(of: session) }
        throw failure
    }

    public func hurry(for session: SessionID) {
        state.withLock { state in
            state.hurries += 1
            if let executor = state.waiting { state.hurriedUntil = executor.now.advanced(by: .seconds(2)) }
        }
    }
}

extension FailingStore.State {
    /// What this call meets; nil where it is carried out.
    fileprivate mutating func answer(
        to kind: StoreCall, on path: String, _ write: @escaping @Sendable () -> Void
    ) -> StoreError? {
        let failure = meet(kind, path, write)
        if kind.isChange, let failure { refusals[failure.code, default: 0] += 1 }
        return failure
    }

    private mutating func meet(_ kind: StoreCall, _ path: String, _ write: @escaping @Sendable () -> Void) -> StoreError? {
        if kind.isChange {
            changes += 1
            if failsAlso.contains(changes) { return .refused(path: path, detail: "disk I/O error") }
            if changes == hangsAt { failure = .noAnswer(path: path) }
        }
        switch failure {
        // A full disk can be read.
        case .full? where !kind.isChange: return nil
        case .noAnswer? where begun == nil:
            if !kind.isChange { return nil }
            begun = write
            return failure
        default: return failure
        }
    }
}
