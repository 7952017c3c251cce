import Accounts
import JSONText
import RunModel
import Store

/// What a page begins with: a topic's whole state at the number of its last event. State and number come from one
/// reading of the store; taken one after the other, an event between them would be folded twice or never.
struct TopicSnapshot: Sendable {
    var seq: Int64
    var state: JSONValue
}

extension Services {
    /// A screen of log holds some fifty lines. Older ones are there at `/logs`.
    static let linesShown = 500

    /// Nil for a topic that does not exist. `readings` are the session's latest. The person matters for what is hidden
    /// (`facility`) and for what they may do (`me`); the right to see the topic at all has been checked.
    func snapshot(of topic: Topic, for person: Person, readings: JSONValue) async throws(Problem) -> TopicSnapshot? {
        switch topic {
        case .facility: return try await facilitySnapshot(for: person)
        case .session(let id):
            guard let (seq, state) = try await state(of: id) else { return nil }
            return TopicSnapshot(seq: seq, state: try json(state, for: person, readings: readings))
        case .grid(let id):
            return try await reading { store throws(StoreError) in try store.state(of: id) }
                .map { snapshot throws(Problem) in TopicSnapshot(seq: snapshot.seq, state: try Wire.json(snapshot.state)) }
        case .log(let id, let log):
            return try await reading { store throws(StoreError) in
                guard try store.session(id) != nil else { return nil }
                let lines = try store.newestLogLines(of: id, log: log, limit: Self.linesShown)
                var state: JSONValue = ["lines": .array(lines.map(\.json))]
                // A page that looks for something must know that there is more.
                if let first = lines.first, first.previous > 0 { state["hasOlder"] = true }
                return TopicSnapshot(seq: lines.last?.n ?? 0, state: state)
            }
        }
    }

    /// A session's state, its status as it may be said now. Whether its run lives is asked before the store is read: a
    /// run that ends in between is then at worst shown as running, and the event that ends it follows.
    func state(of id: SessionID) async throws(Problem) -> (seq: Int64, state: SessionState)? {
        let wasLiving = await engine.isLiving(id)
        guard let snapshot = try await reading({ store throws(StoreError) in try store.state(of: id) }) else { return nil }
        var state = snapshot.state
        state.status = await derived(state.status, of: id, wasLiving: wasLiving)
        return (snapshot.seq, state)
    }

    /// `me` says what whoever asks may do, so that a page can leave out what would be refused. Rights that change are
    /// told with a new snapshot.
    func json(_ state: SessionState, for person: Person, readings: JSONValue) throws(Problem) -> JSONValue {
        let group = state.session.group
        var value = try Wire.json(state)
        value["readings"] = readings
        value["me"] = [
            "controls": .bool(Permission.allows(.controlSession, person: person, group: group)),
            "staff": .bool(Permission.allows(.staffAct, person: person, group: group)),
        ]
        return value
    }

    private func facilitySnapshot(for person: Person) async throws(Problem) -> TopicSnapshot {
        let (seq, state) = try await facilityState()
        return TopicSnapshot(seq: seq, state: try Redaction.facility(state, for: person))
    }

    /// All microscopes, those without a session too, and all sessions with what may be said of them now. For the
    /// server's own use: what of it a person may see is decided by `Redaction`.
    func facilityState() async throws(Problem) -> (seq: Int64, state: FacilityState) {
        let living = try await livingSessions()
        let snapshot = try await reading { store throws(StoreError) in try store.facility() }
        var state = snapshot.state
        for index in state.sessions.indices {
            let entry = state.sessions[index]
            state.sessions[index].status = await derived(entry.status, of: entry.id, wasLiving: living.contains(entry.id))
        }
        // The store knows the microscopes that ever had a session; the configuration adds those that are new.
        let known = Set(state.microscopes.map(\.microscope.id))
        state.microscopes += facility.microscopes.filter { !known.contains($0.id) }.map { .init(microscope: $0) }
        state.microscopes.sort { $0.microscope.id < $1.microscope.id }
        return (snapshot.seq, state)
    }

    /// Whose run lives, to be asked before their statuses are read; see `derived`.
    func livingSessions() async throws(Problem) -> Set<SessionID> {
        let active = try await reading { store throws(StoreError) in try store.sessionsWithActiveStatus() }
        var living: Set<SessionID> = []
        for id in active where await engine.isLiving(id) { living.insert(id) }
        return living
    }
}
