import RunModel
import Store
import Synchronization

/// What forecasts learn from: the sessions of a microscope that are over. Each is read once for each of its ends: what people note of it afterwards
/// changes nothing of how long it took.
final class PastSessions: Sendable {
    private struct End: Hashable, Sendable {
        let session: SessionID
        let at: Timestamp
    }
    private let known = Mutex<[End: PastSession?]>([:])
    /// Enough for the memory of several microscopes.
    private static let limit = 500

    /// Of those that ended before `moment`, the newest last. Takes the store by hand, because only those who may block have it.
    func history(of microscope: MicroscopeID, before moment: Timestamp, in store: RunStore) throws(StoreError) -> [PastSession] {
        // Some were never run, or not worked through.
        let sessions = try store.sessions(SessionFilter(microscope: microscope), limit: 3 * Forecast.memory)
        var history: [PastSession] = []
        for summary in sessions where history.count < Forecast.memory {
            guard let end = summary.endedAt, end < moment else { continue }
            if let past = try past(summary.session.id, endedAt: end, in: store) { history.append(past) }
        }
        return history.reversed()
    }

    /// Folded from its events alone: through the store's memory it would push out the states that pages look at.
    func past(_ id: SessionID, endedAt: Timestamp, in store: RunStore) throws(StoreError) -> PastSession? {
        let end = End(session: id, at: endedAt)
        if let known = known.withLock({ $0[end] }) { return known }
        var events: [StoredEvent] = []
        for told in try store.events(on: .session(id), after: 0, limit: .max) { events.append(try told.stored()) }
        let past = PastSession(events)
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[end] = .some(past)
        }
        return past
    }

    /// What was planned when its first run began; nil before that.
    func begun(_ id: SessionID, in store: RunStore) throws(StoreError) -> PlannedWork? {
        var events: [StoredEvent] = []
        while true {
            let more = try store.events(on: .session(id), after: events.last?.seq ?? 0, limit: 100)
            for told in more { events.append(try told.stored()) }
            if let work = PlannedWork(asBegun: events) { return work }
            if more.count < 100 { return nil }
        }
    }
}
