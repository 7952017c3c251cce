import RunModel
import Store

// What a run writes and reads. Each entry carries the run's fence: once the lock has gone to another, it is refused.
extension RunContext {
    func record(_ events: [RunEvent], _ lines: [LogLine] = [], log: LogName = .imaging) throws(RunEnd) {
        var entry = Entry(session: session, events: events, lines: lines.map { LogEntry(log: log, line: $0) }, fence: fence)
        while true {
            do throws(StoreError) {
                return try journal.recordNow(entry, afterwards: { [self] in assumeIsolated { $0.noteLate(events) } })
            } catch {
                guard case .fenced = error else { throw .store(error) }
                // The store may have written a newer number of this very run just before, late.
                guard let now = fence, now != entry.fence else { throw .lockLost(.lost(microscope: lock.microscope)) }
                entry.fence = now
            }
        }
    }

    private var fence: Fence? { lock.assumeIsolated { $0.fence(number) } }

    /// What was written although the run has been told that the store does not answer: what follows from it was left undone.
    private func noteLate(_ events: [RunEvent]) {
        if events.contains(where: \.savesMovie) { pipeline.assumeIsolated { $0.lookInStore() } }
        changes.signal()
    }

    func log(_ level: LogLine.Level, _ source: String, _ message: String) throws(RunEnd) {
        try record([], [LogLine(level, source, message)])
    }

    /// Tells the pages what the run is doing; not stored.
    func tell(_ step: StepReading) { journal.tellNow(.step(session, step)) }

    /// The session as the store has it.
    func known() throws(RunEnd) -> SessionState {
        do throws(EngineError) { return try journal.state(of: session) } catch { throw RunEnd(reading: error) }
    }

    func grid(_ id: GridID) throws(RunEnd) -> GridState {
        do throws(EngineError) { return try journal.grid(id) } catch { throw RunEnd(reading: error) }
    }

    func read<Answer>(_ question: (RunStore) throws(StoreError) -> Answer) throws(RunEnd) -> Answer {
        do throws(StoreError) { return try question(journal.store) } catch { throw .store(error) }
    }

    // MARK: notices

    func raise(_ id: String, _ kind: Notice.Kind, _ sentence: String, _ detail: String?) throws(RunEnd) {
        let standing = try known().notices.first { $0.id == id }
        let notice = Notice(id: id, kind: kind, sentence: sentence, detail: detail, raisedAt: standing?.raisedAt ?? parts.now())
        guard notice != standing else { return }
        try record([.noticeRaised(notice)])
    }

    func clear(_ id: String) throws(RunEnd) {
        guard try known().notices.contains(where: { $0.id == id }) else { return }
        try record([.noticeCleared(NoticeCleared(id: id))])
    }
}

extension RunEvent {
    fileprivate var savesMovie: Bool {
        switch self {
        case .exposureSaved: true
        case .exposureSettled(let news): news.outcome == .saved
        default: false
        }
    }
}

extension RunEnd {
    fileprivate init(reading error: EngineError) {
        if case .store(let cause) = error { self = .store(cause) } else { self = .grid(Failure(error)) }
    }
}
