import RunModel
import Store

// The live states that the engine itself works with. The store folds every event into them as it writes it and keeps them at hand, so that
// a read costs no transaction.
extension Journal {
    nonisolated func state(of session: SessionID) throws(EngineError) -> SessionState {
        let state = try asking { store throws(StoreError) in try store.cachedState(of: session) }
        guard let state else { throw .unknown("session", id: session.rawValue) }
        return state
    }

    nonisolated func grid(_ id: GridID) throws(EngineError) -> GridState {
        let state = try asking { store throws(StoreError) in try store.cachedState(of: id) }
        guard let state else { throw .unknown("grid", id: id.rawValue) }
        return state
    }

    /// From here on what something else has changed in the store is seen: by another process, or by somebody in the database.
    nonisolated func reread(_ session: SessionID) { store.doubtCachedStates(of: session) }

    nonisolated func asking<Answer>(_ question: (RunStore) throws(StoreError) -> Answer) throws(EngineError) -> Answer {
        // The store may wait for the disk, which Swift's shared threads must not.
        preconditionIsolated()
        do throws(StoreError) {
            let answer = try question(store)
            // An answer that shows what was written late is not believed before those have heard of it whom it concerns.
            tellLateNow()
            return answer
        } catch {
            throw .store(error)
        }
    }
}
