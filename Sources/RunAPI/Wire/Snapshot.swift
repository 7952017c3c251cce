import Accounts
import JSONText
import RunModel
import Store

/// What a page begins with: a topic's whole state at the number of its last event.
struct TopicSnapshot: Sendable {
    var seq: Int64
    var state: JSONValue
}

extension Services {
    static let linesShown = 500

    /// Nil for a topic that does not exist. `readings` are the session's latest.
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
                return TopicSnapshot(seq: lines.last?.n ?? 0, state: ["lines": .array(lines.map(\.json))])
            }
        }
    }

    /// A session's state, its status as it may be said now.
    func state(of id: SessionID) async throws(Problem) -> (seq: Int64, state: SessionState)? {
        let wasLiving = await engine.isLiving(id)
        guard let snapshot = try await reading({ store throws(StoreError) in try store.state(of: id) }) else { return nil }
        var state = snapshot.state
        state.status = await derived(state.status, of: id, wasLiving: wasLiving)
        return (snapshot.seq, state)
    }

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

    /// All microscopes, those without a session too, and all sessions with what may be said of them now.
    func facilityState() async throws(Problem) -> (seq: Int64, state: FacilityState) {
        let before = try await reading { store throws(StoreError) in try store.sessionsWithActiveStatus() }
        var living: Set<SessionID> = []
        for id in before where await engine.isLiving(id) { living.insert(id) }
        let snapshot = try await reading { store throws(StoreError) in try store.facility() }
        var state = snapshot.state
        for index in state.sessions.indices {
            let entry = state.sessions[index]
            state.sessions[index].status = await derived(entry.status, of: entry.id, wasLiving: living.contains(entry.id))
        }
        let known = Set(state.microscopes.map(\.microscope.id))
        state.microscopes += facility.microscopes.filter { !known.contains($0.id) }.map { .init(microscope: $0) }
        state.microscopes.sort { $0.microscope.id < $1.microscope.id }
        return (snapshot.seq, state)
    }
}
