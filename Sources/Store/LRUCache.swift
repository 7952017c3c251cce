import RunModel
import Synchronization

/// The states used last. A miss costs time, never truth: the caller compares numbers and folds what is missing.
final class LRUCache<Key: Hashable & Sendable, State: LiveState>: Sendable {
    private struct Contents {
        var states: [Key: (state: FoldedState<State>, used: Int)] = [:]
        var clock = 0
    }
    private let contents = Mutex(Contents())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Hands it over, so that the writer can change it in place.
    func take(_ key: Key) -> FoldedState<State>? { contents.withLock { $0.states.removeValue(forKey: key)?.state } }

    func look(_ key: Key) -> FoldedState<State>? {
        contents.withLock { contents in
            contents.clock += 1
            contents.states[key]?.used = contents.clock
            return contents.states[key]?.state
        }
    }

    /// Keeps the newer of two.
    func put(_ state: FoldedState<State>, for key: Key) {
        contents.withLock { contents in
            if let present = contents.states[key], present.state.seq > state.seq { return }
            contents.clock += 1
            contents.states[key] = (state, contents.clock)
            guard contents.states.count > limit, let oldest = contents.states.min(by: { $0.value.used < $1.value.used }) else {
                return
            }
            contents.states[oldest.key] = nil
        }
    }

    func doubt(where isDoubted: (Key) -> Bool) {
        contents.withLock { contents in
            for key in contents.states.keys where isDoubted(key) { contents.states[key]?.state.isDoubted = true }
        }
    }
}
