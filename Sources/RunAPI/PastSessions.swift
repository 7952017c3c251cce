import RunModel
import Store
import Synchronization

/// What forecasts learn from: the sessions of a microscope that are over. Each is read once, since its events do not change until it runs again.
final class PastSessions: Sendable {
    private struct Known: Sendable {
        let seq: Int64
        let past: PastSession?
    }
    private let known = Mutex<[SessionID: Known]>([:])
    /// Enough for the memory of several microscopes.
    private static let limit = 500

    /// Of those that ended before `moment`, the newest last. Takes the store by hand, because only those who may block have it.
    func history(of microscope: MicroscopeID, before moment: Timestamp, in store: RunStore) throws(StoreError) -> [PastSession] {
        // Some were never run, or not worked through.
        let sessions = try store.sessions(SessionFilter(microscope: microscope), limit: 3 * Forecast.memory)
        var history: [PastSession] = []
        for summary in sessions where summary.endedAt.map({ $0 < moment }) == true && history.count < Forecast.memory {
            if let past = try past(summary.session.id, in: store) { history.append(past) }
        }
        return history.reversed()
    }

    func past(_ id: SessionID, in store: RunStore) throws(StoreError) -> PastSession? {
        guard let snapshot = try store.state(of: id), !snapshot.state.status.needsHolder else { return nil }
        if let known = known.withLock({ $0[id] }), known.seq == snapshot.seq { return known.past }
        var events: [StoredEvent] = []
        for told in try store.events(on: .session(id), after: 0, limit: .max) { events.append(try told.stored()) }
        let past = PastSession(events, snapshot.state)
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[id] = Known(seq: snapshot.seq, past: past)
        }
        return past
    }
}
