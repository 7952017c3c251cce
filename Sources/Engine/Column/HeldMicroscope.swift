import Microscope
import RunModel

/// A microscope as the lock hands it out, with the proof that it is still held.
///
/// The checks stay on the engine's executor, where the caller and the lock are: a way over Swift's shared threads and back in front of each
/// command would cost the microscope its time.
struct HeldMicroscope: Sendable {
    let number: Int
    let lock: ScopeLock
    let microscope: ClaimedMicroscope
    let watch: ScopeWatch
    let gate: ScopeGate

    /// Before a command: the run must still hold the lock, and not have been cut.
    nonisolated(nonsending) func check() async throws(RunEnd) {
        do throws(EngineError) { try await lock.check(number) } catch { throw RunEnd(lock: error, of: lock.microscope) }
        if Task.isCancelled { throw .cancelled }
    }

    /// Before what leaves the column safe: after a stop, after a kill, and with a store that cannot be read any more.
    nonisolated(nonsending) func checkToLeave() async throws(RunEnd) {
        do throws(EngineError) { try await lock.checkToLeave(number) } catch { throw RunEnd(lock: error, of: lock.microscope) }
        if Task.isCancelled { throw .cancelled }
    }
}
