import Microscope
import RunModel

/// The microscope in the hands of the run that holds it.
struct Scope: Sendable {
    let number: Int
    let lock: ScopeLock
    let microscope: any Microscope
    /// Where the run hears a stop and its end.
    let gate: @Sendable () async throws(RunEnd) -> Void

    /// One command of the run. Before each, a stop is heard and the lock is checked.
    func command<Answer: Sendable>(
        _ body: @Sendable (any Microscope) async throws(MicroscopeError) -> Answer
    ) async throws(RunEnd) -> Answer {
        try await gate()
        return try await pass(body) { lock throws(EngineError) in try await lock.check(number) }
    }

    /// One command that leaves the column safe: after a stop, after a kill, and with a store that cannot be read any more.
    func leave(_ body: @Sendable (any Microscope) async throws(MicroscopeError) -> Void) async throws(RunEnd) {
        try await pass(body) { lock throws(EngineError) in try await lock.checkToLeave(number) }
    }

    private func pass<Answer: Sendable>(
        _ body: @Sendable (any Microscope) async throws(MicroscopeError) -> Answer,
        _ check: (ScopeLock) async throws(EngineError) -> Void
    ) async throws(RunEnd) -> Answer {
        do throws(EngineError) { try await check(lock) } catch {
            if case .store(let cause) = error { throw .store(cause) }
            throw .lockLost(.lost(microscope: lock.microscope))
        }
        if Task.isCancelled { throw .cancelled }
        do throws(MicroscopeError) { return try await body(microscope) } catch { throw RunEnd(error) }
    }
}
