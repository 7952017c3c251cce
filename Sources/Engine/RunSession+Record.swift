import RunModel
import Store

// How a session writes. Everything a living run writes carries its fence.
extension RunSession {
    /// Writes for the run: refused once the lock has gone to another.
    func record(_ events: [RunEvent], _ lines: [LogLine] = [], log: LogName = .imaging, command: CommandID? = nil) throws(RunEnd)
    {
        do throws(StoreError) {
            try journal.recordNow(
                Entry(
                    session: id, events: events, lines: lines.map { LogEntry(log: log, line: $0) }, command: command,
                    fence: fence))
        } catch {
            if case .fenced = error { throw .lockLost(.lost(microscope: lock.microscope)) }
            throw .store(error)
        }
    }

    func log(_ level: LogLine.Level, _ source: String, _ message: String) throws(RunEnd) {
        try record([], [LogLine(level, source, message)])
    }

    /// Writes for a person's command, run or no run.
    func recordOutside(_ events: [RunEvent], _ lines: [LogLine] = [], command: CommandID?) throws(EngineError) {
        do throws(StoreError) {
            try journal.recordNow(
                Entry(session: id, events: events, lines: lines.map { LogEntry(log: .imaging, line: $0) }, command: command))
        } catch {
            throw .store(error)
        }
    }

    private var fence: Fence? {
        guard let run else { return nil }
        return run.lock.assumeIsolated { $0.fence(run.number) }
    }

    /// What the store says, for the loop.
    func known() throws(RunEnd) -> SessionState {
        do throws(EngineError) { return try state() } catch {
            if case .store(let cause) = error { throw .store(cause) }
            throw .grid(Failure(error))
        }
    }

    func grid(_ id: GridID) throws(RunEnd) -> GridState {
        do throws(EngineError) { return try journal.grid(id) } catch {
            if case .store(let cause) = error { throw .store(cause) }
            throw .grid(Failure(error))
        }
    }

    func read<Answer>(_ question: (RunStore) throws(StoreError) -> Answer) throws(RunEnd) -> Answer {
        do throws(StoreError) { return try question(parts.store) } catch { throw .store(error) }
    }

    func tell(_ step: StepReading) { journal.tellNow(.step(id, step)) }
}
