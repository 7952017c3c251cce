import RunModel
import Store

// The store as the engine's actors ask it: its problems become theirs.
extension EngineParts {
    func asking<Answer>(_ question: (RunStore) throws(StoreError) -> Answer) throws(EngineError) -> Answer {
        do throws(StoreError) { return try question(store) } catch { throw .store(error) }
    }

    func state(of session: SessionID) throws(EngineError) -> SessionState {
        let snapshot = try asking { store throws(StoreError) in try store.state(of: session) }
        guard let snapshot else { throw .unknown("session", id: session.rawValue) }
        return snapshot.state
    }
}
