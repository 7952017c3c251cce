import RunModel
import Synchronization

/// A live state at the number of its topic's last event. Events are never changed, so what is held stays true; it may only grow old,
/// which its number tells.
struct Held<State: LiveState>: Sendable {
    var seq: Int64
    var state: State
    /// What came after the checkpoint, and the checkpoint's own size, bytes.
    var eventsSince = 0
    var bytesSince = 0
    var checkpointBytes = 0

    mutating func apply(_ stored: StoredEvent, bytes: Int) {
        state.apply(stored)
        seq = stored.seq
        eventsSince += 1
        bytesSince += bytes
    }

    /// A large state is written again only after news of a quarter of its size, so that checkpoints never cost more than events do.
    var isCheckpointDue: Bool { eventsSince >= 100 && bytesSince * 4 >= checkpointBytes }
}

/// The states used last. A miss costs time, never truth: the caller compares numbers and folds what is missing.
final class Shelf<Key: Hashable & Sendable, State: LiveState>: Sendable {
    private struct Kept {
        var held: [Key: (state: Held<State>, used: Int)] = [:]
        var clock = 0
    }
    private let kept = Mutex(Kept())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Hands it over, so that the writer can change it in place.
    func take(_ key: Key) -> Held<State>? { kept.withLock { $0.held.removeValue(forKey: key)?.state } }

    func look(_ key: Key) -> Held<State>? {
        kept.withLock { kept in
            kept.clock += 1
            kept.held[key]?.used = kept.clock
            return kept.held[key]?.state
        }
    }

    /// Keeps the newer of two.
    func put(_ state: Held<State>, for key: Key) {
        kept.withLock { kept in
            if let present = kept.held[key], present.state.seq > state.seq { return }
            kept.clock += 1
            kept.held[key] = (state, kept.clock)
            guard kept.held.count > limit, let oldest = kept.held.min(by: { $0.value.used < $1.value.used }) else { return }
            kept.held[oldest.key] = nil
        }
    }
}

final class StateCache: Sendable {
    let sessions = Shelf<SessionID, SessionState>(limit: 32)
    let grids = Shelf<GridID, GridState>(limit: 64)
    let facility = Shelf<Facility, FacilityState>(limit: 1)
}

/// The key of the only facility.
struct Facility: Hashable, Sendable {}
