import Microscope
import RunModel
import Store

/// How a run ended, as it was found. What is written of it is made of this and of what the store says when it can be written.
struct LastWords {
    let end: RunEnd?
    let left: ColumnLeft
    let ending: RunBell.Ending?
    let stop: RunBell.Stop?
    let startedAt: Timestamp
    let endedAt: Timestamp

    /// What can be said without the store.
    var sentence: String {
        let end =
            switch (ending, end) {
            case (.killed(let person, let force, _)?, _): "Force-killed by \(person).\(force.words)"
            case (.interrupted(let cause)?, _): "Interrupted. \(cause)"
            case (nil, .stop?): "Stopped, as asked by \(stop?.by ?? "somebody")."
            case (nil, let cause?): cause.failure.sentence
            case (nil, nil): "The run has ended."
            }
        return ([end] + left.found).joined(separator: " ")
    }
}

extension RunSession {
    /// Refused while the store cannot say where the session stands: then nothing certain can be written.
    func closing(_ words: LastWords) -> Result<Entry, StoreError> {
        do throws(EngineError) { return .success(try entry(words, try state())) } catch {
            if case .store(let cause) = error { return .failure(cause) }
            return .failure(.unknown("session \(id)"))
        }
    }

    private func entry(_ words: LastWords, _ state: SessionState) throws(EngineError) -> Entry {
        var entry = Entry(session: id)
        // A stop that the store could not take when it was heard, or one that was taken back too late.
        if let stop = words.stop, state.status != .stopping {
            entry.events.append(.stopReceived(Asked(by: stop.by)))
            entry.command = stop.command
        }
        entry.events += state.prompt.map { withdrawal($0, words.ending) } ?? []
        let report = try state.current.flatMap { id throws(EngineError) in try readable(id) }
        let isAborting = state.grids.contains { $0.grid.id == state.current && $0.status == .stopping }
        if let report, !isAborting {
            entry.events += DoseLedger.requeueInterrupted(on: report, state, engine: parts.settings)
        }
        entry.events += Recovery.leftGrids(state, [report].compactMap(\.self))
        let (event, line) = ending(words, state)
        entry.events.append(event)
        entry.lines = [LogEntry(log: .imaging, line: line)]
        if let notice = words.left.notice(at: words.endedAt) {
            // After the end, which clears what stood before it.
            entry.events.append(.noticeRaised(notice))
            entry.lines.append(
                LogEntry(log: .imaging, line: LogLine(.error, "microscope", words.left.found.joined(separator: " "))))
        }
        if case .killed(_, _, let command)? = words.ending { entry.command = command }
        return entry
    }

    /// Nil where it cannot be read for good: then the next start does what is left to do.
    private func readable(_ grid: GridID) throws(EngineError) -> GridState? {
        do throws(EngineError) { return try journal.grid(grid) } catch {
            if case .store(let cause) = error, cause.mayPass { throw error }
            return nil
        }
    }

    private func withdrawal(_ prompt: Prompt, _ ending: RunBell.Ending?) -> [RunEvent] {
        // An exposure that nobody can tell about stays a question over a restart of the server.
        if prompt.kind == .exposureUnknown, case .interrupted? = ending { return [] }
        return [.promptWithdrawn(PromptWithdrawn(id: prompt.id, reason: "run ended"))]
    }

    private func ending(_ words: LastWords, _ state: SessionState) -> (RunEvent, LogLine) {
        let found = words.left.found + ["Lock freed."]
        switch (words.ending, words.end) {
        case (.killed(let person, let force, _)?, _):
            return (
                .runKilled(RunKilled(by: person, found: found)),
                LogLine(.error, "session", "Force-killed by \(person). \(found.joined(separator: " "))\(force.words)")
            )
        case (.interrupted(let cause)?, _):
            let news = RunInterrupted(
                grid: state.current, target: state.target, micrograph: state.exposure?.micrograph, cause: cause)
            return (.runInterrupted(news), LogLine(.error, "session", "Interrupted. \(cause)"))
        case (nil, nil) where !state.grids.contains(where: \.isDoneWith):
            let failure = noGrid(state)
            return (.runFailed(failure), LogLine(.error, "session", failure.sentence))
        case (nil, nil):
            let summary = RunCompleted(
                of: state, reports(of: state), seconds: words.endedAt.seconds(since: words.startedAt))
            return (.runCompleted(summary), summary.lastLine)
        case (nil, .stop?):
            let by = state.stop?.by ?? words.stop?.by ?? state.session.createdBy
            return (.runStopped(Asked(by: by)), LogLine(.info, "session", "Stopped, as asked by \(by)"))
        case (nil, let cause?):
            let failure = cause.failure
            return (.runFailed(failure), LogLine(.error, "session", "\(failure.sentence) \(failure.remedy ?? "")"))
        }
    }

    private func noGrid(_ state: SessionState) -> Failure {
        let tally = tally(state)
        let problem = state.grids.lazy.compactMap(\.problem).first
        let what: String
        switch (state.grids.reduce(0) { $0 + $1.images }, tally.sentence) {
        case (0, let failures?): what = "Ended with no image: \(failures)"
        case (0, nil): what = ["No grid could be imaged.", problem].compactMap(\.self).joined(separator: " ")
        default: what = ["No grid was completed.", problem].compactMap(\.self).joined(separator: " ")
        }
        return Failure(code: "run.noGrid", sentence: what, remedy: "Press Start to try again.")
    }

    /// Over all grids. One that cannot be read now is left out: the end is written all the same.
    private func tally(_ state: SessionState) -> TargetTally {
        TargetTally(reports(of: state))
    }

    func reports(of state: SessionState) -> [GridState] { state.grids.compactMap { try? journal.grid($0.grid.id) } }
}

extension GridSummary {
    /// What a run is not to blame for: worked through, aborted by a person, or mapped, and left out or taken up again by one.
    fileprivate var isDoneWith: Bool {
        status == .completed || status == .aborted || (hasAtlas && (status == .waiting || status == .leftOut))
    }
}
