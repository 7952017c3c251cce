import Microscope
import RunModel

/// The microscope in the hands of the run that holds it: every command is checked against the lock first.
struct Scope: Sendable {
    let number: Int
    let lock: ScopeLock
    let microscope: any Microscope

    func command<Answer: Sendable>(
        _ body: @Sendable (any Microscope) async throws(MicroscopeError) -> Answer
    ) async throws(RunEnd) -> Answer {
        do throws(EngineError) {
            try await lock.check(number)
        } catch {
            if case .store(let cause) = error { throw .store(cause) }
            throw .lockLost(.lost(microscope: lock.microscope))
        }
        if Task.isCancelled { throw .cancelled }
        do throws(MicroscopeError) { return try await body(microscope) } catch { throw RunEnd(error) }
    }
}

extension ScopeLock {
    /// Connects, works, and closes the link, whatever happens. The lock itself is given back by `release`, with the run's last words.
    func withMicroscope(
        _ number: Int, description: MicroscopeDescription, detector: DetectorDescription,
        _ body: @Sendable (Scope) async -> Void
    ) async {
        let microscope = parts.microscope(description, detector)
        await body(Scope(number: number, lock: self, microscope: microscope))
        await microscope.disconnect()
    }
}
