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
                await run.bell.kill.wait()
                return .killed
            }
            group.addTask { .lost(await column.untilLost()) }
            var (end, loss): (RunEnd?, RunEnd?)
            while let next = await group.next() {
                group.cancelAll()
                switch next {
                case .ended(let why): end = why
                case .lost(let why): loss = why
                case .killed: break
                }
            }
            // What the run itself says is then that it was cut short.
            return loss ?? end
        }
    }
    private enum Work {
        case ended(RunEnd?)
        case lost(RunEnd?)
        case killed
    }

    private func finish(_ end: RunEnd?, _ column: Column, _ run: Run) async {
        let left = await column.leave(
            after: end, kill: run.bell.kill, clock: parts.clock, killDeadline: parts.settings.killDeadline)
        await pipeline.endJobs(of: run.bell.ending == nil ? nil : id)
        let closing = closingEntry(end, left)
        run.bell.close()
        let holder = await lock.living?.holder
        do throws(StoreError) {
            try await lock.release(run.number, closing: closing, reason: "run ended")
            await run.context.endTrouble()
        } catch {
            // What the store says of the run has no holder from here on, and so reads interrupted; the end follows when it can.
            keepUnwritten(closing, error, left.notice(at: parts.now()), of: holder)
        }
        self.run = nil
        bells[id] = nil
        journal.reread(id)
        changes.signal()
    }

    private func closingEntry(_ end: RunEnd?, _ column: ColumnLeft) -> Entry {
        guard let state = try? state() else { return Entry(session: id) }  // unreadable, so nothing certain can be written
        var entry = Entry(session: id)
        // A stop that the store could not take when it was heard.
        if let stop = run?.bell.stop, !stop.isWritten, state.status != .stopping {
            entry.events.append(.stopReceived(Asked(by: stop.by)))
            entry.command = stop.command
        }
        entry.events += state.prompt.map { withdrawal($0) } ?? []
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
        if case .killed(_, let command)? = run?.bell.ending { entry.command = command }
        return entry
    }

    private func keepUnwritten(_ closing: Entry, _ error: StoreError, _ notice: Notice?, of holder: LockHolder?) {
        unwritten = Unwritten(
            closing: error.mayPass ? closing : nil, cause: "The store could not write the end of the run: \(error.sentence)",
            notice: notice, holder: holder)
        let said = closing.lines.last?.line.message ?? "The run has ended."
        journal.tellNow(
            .trouble(
                id,
                TroubleReading(
                    sentence: "The run has ended, and its end could not be written yet. \(error.sentence)",
                    detail: [said, error.remedy].compactMap(\.self).joined(separator: " "), since: parts.now())))
    }

    /// Tries again to write how the last run ended.
    func writeUnwritten() async {
        guard let ended = unwritten, !isLiving else { return }
        writeUnwrittenNow()
        guard unwritten == nil, let holder = ended.holder else { return }
        // A file that could not be judged when the run ended; one that stays is stale, and cleared by the next start.
        try? await parts.locks.remove(holder, of: lock.microscope)
    }

    private func writeUnwrittenNow() {
        guard let unwritten else { return }
        journal.reread(id)
        do throws(EngineError) {
            if let closing = unwritten.closing, try wroteClosing(closing) { return }
            let state = try state()
            var events = Recovery.events(for: state, reports(of: state), cause: unwritten.cause, at: parts.now())
            if let holder = try journal.asking({ store throws(StoreError) in try store.holder(of: lock.microscope) }),
                holder.session == id
            {
                events.append(.lockFreed(LockFreed(microscope: lock.microscope, epoch: holder.epoch, reason: "run ended")))
            }
            if let notice = unwritten.notice { events.append(.noticeRaised(notice)) }
            try recordOutside(events, [LogLine(.error, "session", unwritten.cause)], command: nil)
            forgetUnwritten()
        } catch {
            // Still full, or still gone: the next pulse tries again.
        }
    }

    /// False where the store will not take it any more: the run was ended in another way meanwhile.
    private func wroteClosing(_ closing: Entry) throws(EngineError) -> Bool {
        let holder = try journal.asking { store throws(StoreError) in try store.holder(of: lock.microscope) }
        guard let holder, holder.session == id else { return false }
        var entry = closing
        entry.events.append(
            .lockFreed(LockFreed(microscope: lock.microscope, epoch: holder.epoch, reason: "run ended")))
        do throws(StoreError) { try journal.recordNow(entry) } catch {
            if error.mayPass { throw .store(error) }
            return false
        }
        forgetUnwritten()
        return true
    }

    func forgetUnwritten() {
        guard unwritten != nil else { return }
        unwritten = nil
        journal.tellNow(.trouble(id, nil))
    }

    private func withdrawal(_ prompt: Prompt) -> [RunEvent] {
        // An exposure that nobody can tell about stays a question over a restart of the server.
        if prompt.kind == .exposureUnknown, case .interrupted? = run?.bell.ending { return [] }
        return [.promptWithdrawn(PromptWithdrawn(id: prompt.id, reason: "run ended"))]
    }

    private var lockFreed: String { "Lock freed." }

    private func lastWords(_ end: RunEnd?, _ found: [String], _ state: SessionState) -> (RunEvent, LogLine) {
        switch (run?.bell.ending, end) {
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
            let summary = RunCompleted(
                of: state, reports(of: state), seconds: parts.now().seconds(since: run?.startedAt ?? parts.now()))
            return (.runCompleted(summary), summary.lastLine)
        case (nil, .stop?):
            let by = state.stop?.by ?? run?.bell.stop?.by ?? state.session.createdBy
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

    private func reports(of state: SessionState) -> [GridState] { state.grids.compactMap { try? journal.grid($0.grid.id) } }
}
