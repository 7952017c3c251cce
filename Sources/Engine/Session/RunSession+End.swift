import Microscope
import RunModel
import Store

// The run from its first command to its last words: the column left safe, the lock given back, a true status, in one entry.
extension RunSession {
    /// Lives as long as the run. Everything that may be cut short is a child of this task; the end is not.
    func carryOut(_ run: Run, on microscope: MicroscopeDescription, _ detector: DetectorDescription) async {
        await disks.watch(id)
        await lock.withMicroscope(run.number, microscope, detector) { [self] held in
            let column = Column(held, of: run.context)
            let end = await work(column, run)
            await finish(end, column, run)
        }
        await disks.unwatch(id)
    }

    /// The loop, until it ends by itself or somebody kills the run.
    private func work(_ column: Column, _ run: Run) async -> RunEnd? {
        await withTaskGroup(of: Work.self) { group in
            group.addTask { .ended(await RunLoop(column: column).carryOut(run.context)) }
            group.addTask {
                await run.kill.wait()
                return .killed
            }
            var end: RunEnd?
            while let next = await group.next() {
                group.cancelAll()
                if case .ended(let why) = next { end = why }
            }
            return end
        }
    }
    private enum Work {
        case ended(RunEnd?)
        case killed
    }

    private func finish(_ end: RunEnd?, _ column: Column, _ run: Run) async {
        let left = await column.leave(
            after: end, kill: run.kill, clock: parts.clock, killDeadline: parts.settings.killDeadline)
        await pipeline.endJobs(of: self.run?.ending == nil ? nil : id)
        let closing = closingEntry(end, left)
        self.run?.isReleasing = true
        do throws(StoreError) {
            try await lock.release(run.number, closing: closing, reason: "run ended")
        } catch {
            // What the store says of the run has no holder from here on, and so reads interrupted; the cause follows when it can.
            unwritten = Unwritten(
                cause: "The store could not write the end of the run: \(error.sentence)", notice: left.notice(at: parts.now()))
        }
        self.run = nil
        journal.reread(id)
        changes.signal()
    }

    private func closingEntry(_ end: RunEnd?, _ column: ColumnLeft) -> Entry {
        guard let state = try? state() else { return Entry(session: id) }  // unreadable, so nothing certain can be written
        var entry = Entry(session: id)
        entry.events = state.prompt.map { withdrawal($0) } ?? []
        // Unreadable: the next start does it.
        if let grid = state.current, let report = try? journal.grid(grid) {
            entry.events += DoseLedger.requeueInterrupted(on: report, state, engine: parts.settings)
        }
        entry.events += Recovery.stoppedGrids(state)
        let (event, line) = lastWords(end, column.found, state)
        entry.events.append(event)
        entry.lines = [LogEntry(log: .imaging, line: line)]
        if let notice = column.notice(at: parts.now()) {
            // After the end, which clears what stood before it.
            entry.events.append(.noticeRaised(notice))
            entry.lines.append(LogEntry(log: .imaging, line: LogLine(.error, "microscope", column.found.joined(separator: " "))))
        }
        if case .killed(_, let command)? = run?.ending { entry.command = command }
        return entry
    }

    /// Tries again to write how the last run ended.
    func writeUnwritten() {
        guard let unwritten, !isLiving else { return }
        journal.reread(id)
        do throws(EngineError) {
            let state = try state()
            var events = Recovery.events(for: state, cause: unwritten.cause)
            if let holder = try journal.asking({ store throws(StoreError) in try store.holder(of: lock.microscope) }),
                holder.session == id
            {
                events.append(.lockFreed(LockFreed(microscope: lock.microscope, epoch: holder.epoch, reason: "run ended")))
            }
            if let notice = unwritten.notice { events.append(.noticeRaised(notice)) }
            try recordOutside(events, [LogLine(.error, "session", unwritten.cause)], command: nil)
            self.unwritten = nil
        } catch {
            // Still full, or still gone: the next pulse tries again.
        }
    }

    private func withdrawal(_ prompt: Prompt) -> [RunEvent] {
        // An exposure that nobody can tell about stays a question over a restart of the server.
        if prompt.kind == .exposureUnknown, case .interrupted? = run?.ending { return [] }
        return [.promptWithdrawn(PromptWithdrawn(id: prompt.id, reason: "run ended"))]
    }

    private var lockFreed: String { "Lock freed." }

    private func lastWords(_ end: RunEnd?, _ found: [String], _ state: SessionState) -> (RunEvent, LogLine) {
        switch (run?.ending, end) {
        case (.killed(let person, _)?, _):
            return (
                .runKilled(RunKilled(by: person, found: found + [lockFreed])),
                LogLine(.error, "session", "Force-killed by \(person). \((found + [lockFreed]).joined(separator: " "))")
            )
        case (.interrupted(let cause)?, _):
            let news = RunInterrupted(
                grid: state.current, target: state.target, micrograph: state.exposure?.micrograph, cause: cause)
            return (.runInterrupted(news), LogLine(.error, "session", "Interrupted. \(cause)"))
        case (nil, nil) where state.grids.allSatisfy({ $0.status != .completed }):
            let failure = noGrid(state)
            return (.runFailed(failure), LogLine(.error, "session", failure.sentence))
        case (nil, nil):
            let summary = summary(state)
            return (.runCompleted(summary), summary.lastLine)
        case (nil, .stop?):
            let by = state.stop?.by ?? state.session.createdBy
            return (.runStopped(Asked(by: by)), LogLine(.info, "session", "Stopped, as asked by \(by)"))
        case (nil, let cause?):
            let failure = cause.failure
            return (.runFailed(failure), LogLine(.error, "session", "\(failure.sentence) \(failure.remedy ?? "")"))
        }
    }

    private func summary(_ state: SessionState) -> RunCompleted {
        let tally = tally(state)
        return RunCompleted(
            gridsCompleted: state.grids.count { $0.status == .completed }, grids: state.grids.count,
            images: state.grids.reduce(0) { $0 + $1.images },
            seconds: parts.now().seconds(since: run?.startedAt ?? parts.now()), failures: tally.failures ?? failedGrids(state),
            reason: tally.reason ?? state.grids.lazy.filter { $0.status == .failed }.compactMap(\.problem).first)
    }

    /// `1 of 3 grids was not imaged`, whether it failed or somebody skipped it; nil where all were.
    private func failedGrids(_ state: SessionState) -> String? {
        let failed = state.grids.count { $0.status == .failed }
        return failed == 0 ? nil : "\(failed) of \(state.grids.count) grids \(failed == 1 ? "was" : "were") not imaged"
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
        TargetTally(state.grids.compactMap { try? journal.grid($0.grid.id) })
    }
}

extension RunCompleted {
    fileprivate var lastLine: LogLine {
        func line(_ what: String) -> LogLine {
            LogLine(.warning, "session", [what, failures.map { "\($0)." }, reason].compactMap(\.self).joined(separator: " "))
        }
        return switch shortfall {
        case .noImage: line("Ended with no image.")
        case .failures: line("Completed with failures.")
        case nil: LogLine(.info, "session", "Session complete")
        }
    }
}
