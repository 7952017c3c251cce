import RunModel
import Store
import Synchronization

/// A store whose server ends at one change: before it is written, or when it is and nobody has heard so yet.
public final class CrashingStore: StoreCaller {
    private struct State {
        var changes = 0
        var end: (change: Int, isWritten: Bool)?
        var isDead = false
    }
    private let state = Mutex(State())
    private let crash: @Sendable () -> Void

    public init(crash: @escaping @Sendable () -> Void) { self.crash = crash }

    /// Changes so far.
    public var changes: Int { state.withLock { $0.changes } }

    /// Counted from 1.
    public func end(at change: Int, isWritten: Bool) { state.withLock { $0.end = (change, isWritten) } }

    public func call<Value: Sendable>(
        _ kind: StoreCall, on path: String, late: (@Sendable (Value) -> Void)?,
        _ work: @escaping @Sendable () -> Result<Value, StoreError>
    ) throws(StoreError) -> Value {
        let (ends, isWritten) = state.withLock { state in
            if kind.isChange { state.changes += 1 }
            let ends = !state.isDead && kind.isChange && state.end?.change == state.changes
            if ends { state.isDead = true }
            return (ends, !state.isDead || ends && state.end?.isWritten == true)
        }
        // The job that is under way goes on to its next suspension; what it asks for until then is asked of nobody.
        let result = isWritten ? work() : .failure(.closed(path: path))
        if ends {
            crash()
            throw .closed(path: path)
        }
        return try result.get()
    }

    public func hurry(for session: SessionID) {}
}
