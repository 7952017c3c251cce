import Glibc
import Synchronization

/// What a thread is at, for whoever has to say why it does not answer. It costs a lock a piece, and nothing waits for anything in it.
public final class ThreadActivity: Sendable {
    private struct State {
        var thread: pthread_t?
        var label: String?
        var turns = 0
    }
    private let state = Mutex(State())

    public init() {}

    /// The calling thread works from now on, until `leave`.
    public func enter() {
        state.withLock { state in
            state.thread = pthread_self()
            state.turns += 1
        }
    }
    public func leave() { state.withLock { $0.thread = nil } }

    /// How often somebody has entered: where it rises, whatever waits its turn is only waiting.
    public var turns: Int { state.withLock(\.turns) }

    /// A few words for what is begun now.
    public func begin(_ label: String) { state.withLock { $0.label = label } }

    /// What was begun last. It may be over: what comes after it need not have a name.
    public var lastBegun: String? { state.withLock { $0.label } }

    /// The calls that the thread is in, the innermost first. Empty where it is at nothing, or does not say so within a second.
    ///
    /// The thread cannot leave meanwhile, so the signal reaches no thread that has ended.
    public func stack() -> [String] {
        state.withLock { state in
            guard let thread = state.thread else { return [] }
            return ThreadStack.capture(of: thread)
        }
    }
}
