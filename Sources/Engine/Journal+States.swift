import RunModel
import Store

// The live states that the engine itself works with: the store's, with every event folded in as it is written.
//
// Only the journal writes what happens in a run, so what it has folded is what the store has; a read costs no transaction.
extension Journal {
    nonisolated func state(of session: SessionID) throws(EngineError) -> SessionState {
        try assumeIsolated { journal in Result { try journal.known(session) } }.mapError(EngineError.init(reading:)).get()
    }

    nonisolated func grid(_ id: GridID) throws(EngineError) -> GridState {
        try assumeIsolated { journal in Result { try journal.known(id) } }.mapError(EngineError.init(reading:)).get()
    }

    /// Forgets what was folded, so that a status which something else changed in the store is seen.
    nonisolated func reread(_ session: SessionID) { assumeIsolated { $0.forget(session) } }

    nonisolated func asking<Answer>(_ question: (RunStore) throws(StoreError) -> Answer) throws(EngineError) -> Answer {
        do throws(StoreError) { return try question(store) } catch { throw .store(error) }
    }
}

extension EngineError {
    /// What a read of the journal can throw.
    fileprivate init(reading error: any Error) {
        switch error {
        case let known as EngineError: self = known
        case let store as StoreError: self = .store(store)
        default: self = .store(.unreadable(what: "the live state", reason: "\(error)"))
        }
    }
}
