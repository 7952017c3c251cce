import Microscope
import RunModel
import Synchronization

/// The fence in front of single commands: a step of a run is many of them, and the lock may go between two.
final class ScopeGate: Sendable {
    private struct State {
        var isLeaving = false
        /// Whoever is closing the valves now, and goes on afterwards.
        var closings = 0
        /// Why the gate is shut.
        var end: RunEnd?
    }
    private let lock: ScopeLock
    private let number: Int
    private let state = Mutex(State())

    init(_ lock: ScopeLock, _ number: Int) {
        self.lock = lock
        self.number = number
    }

    /// From here on only what leaves the column safe is sent, which a store that cannot be read does not hinder.
    func leave() { state.withLock { $0.isLeaving = true } }

    /// The same until `endClosing`: a run that waits for its store is left safe meanwhile.
    func beginClosing() { state.withLock { $0.closings += 1 } }
    func endClosing() { state.withLock { $0.closings -= 1 } }

    /// On the engine's executor, which never waits for the microscope.
    func check() async throws(MicroscopeError) {
        let isLeaving = state.withLock { $0.isLeaving || $0.closings > 0 }
        do throws(EngineError) {
            if isLeaving { try await lock.checkToLeave(number) } else { try await lock.check(number) }
        } catch {
            let end = RunEnd(lock: error, of: lock.microscope)
            state.withLock { $0.end = end }
            throw .notHeld
        }
    }

    /// What a run ends with whose command was not sent.
    func end(of error: MicroscopeError) -> RunEnd {
        guard error == .notHeld else { return RunEnd(error) }
        return state.withLock { $0.end } ?? .lockLost(.lost(microscope: lock.microscope))
    }
}

extension RunEnd {
    /// Why the lock cannot be checked, or is gone.
    init(lock error: EngineError, of microscope: MicroscopeID) {
        switch error {
        case .store(let cause): self = .store(cause)
        case .lock(let cause): self = .lockLost(cause)
        default: self = .lockLost(.lost(microscope: microscope))
        }
    }
}
