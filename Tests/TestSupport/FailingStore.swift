import Store
import Synchronization

/// A store whose disk fails when a test says so.
public final class FailingStore: StoreCaller {
    private struct State {
        var changes = 0
        var failure: StoreError?
        var failsAlso: Set<Int> = []
        var late: [@Sendable () -> Void] = []
    }
    private let state = Mutex(State())
    private let writesLate: Bool

    /// `writesLate`: a change that was told to have no answer is written all the same, once the disk answers.
    public init(writesLate: Bool = false) { self.writesLate = writesLate }

    /// What each call meets from now on; nil for a healthy disk. What waited is done now.
    public var failure: StoreError? {
        get { state.withLock { $0.failure } }
        set {
            let late = state.withLock { state in
                state.failure = newValue
                defer { if newValue == nil { state.late = [] } }
                return newValue == nil ? state.late : []
            }
            for write in late { write() }
        }
    }

    /// Changes that were asked for so far.
    public var changes: Int { state.withLock { $0.changes } }

    /// Lets these changes alone fail, counted from 1.
    public func fail(changes: Set<Int>) { state.withLock { $0.failsAlso = changes } }

    public func call<Value: Sendable>(
        _ kind: StoreCall, on path: String, late: (@Sendable (Value) -> Void)?,
        _ work: @escaping @Sendable () -> Result<Value, StoreError>
    ) throws(StoreError) -> Value {
        let failure = state.withLock { state -> StoreError? in
            if kind == .change { state.changes += 1 }
            if kind == .change, state.failsAlso.contains(state.changes) { return .refused(path: path, detail: "disk I/O error") }
            guard let failure = state.failure else { return nil }
            // A full disk can be read.
            if case .full = failure, kind == .read { return nil }
            // The first that hangs is the only one that was asked.
            if case .noAnswer = failure, writesLate, kind == .change, state.late.isEmpty {
                state.late.append { if case .success(let value) = work() { late?(value) } }
            }
            return failure
        }
        if let failure { throw failure }
        return try work().get()
    }

    public func hurry() {}
}
