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
        // Who rings from here on is told that the run has ended in its own way.
        let ending = run.bell.close()
        await pipeline.endJobs(of: ending == nil ? nil : id)
        let words = LastWords(
            end: end, left: left, ending: ending, stop: run.bell.stop, startedAt: run.startedAt, endedAt: parts.now())
        let holder = await lock.living?.holder
        do throws(StoreError) {
            try await lock.release(run.number, reason: "run ended") { [self] in assumeIsolated { $0.closing(words) } }
            await run.context.endTrouble()
        } catch {
            // What the store says of the run has no holder from here on, and so reads interrupted; the end follows when it can.
            keepUnwritten(words, error, of: holder)
        }
        self.run = nil
        bells[id] = nil
        journal.reread(id)
        changes.signal()
    }

    private func keepUnwritten(_ words: LastWords, _ error: StoreError, of holder: LockHolder?) {
        unwritten = Unwritten(
            words: error.mayPass ? words : nil, cause: "The store could not write the end of the run: \(error.sentence)",
            notice: words.left.notice(at: words.endedAt), holder: holder)
        journal.tellNow(
            .trouble(
                id,
                TroubleReading(
                    sentence: "The run has ended, and its end could not be written yet. \(error.sentence)",
                    detail: [words.sentence, error.remedy].compactMap(\.self).joined(separator: " "), since: parts.now())))
    }

    /// Tries again to write how the last run ended.
    func writeUnwritten() async {
        guard !isLiving else { return }
        await writeUnwrittenNow()
    }

    /// Nobody begins a run meanwhile.
    func writeUnwrittenNow() async {
        guard let ended = unwritten else { return }
        tryToWrite(ended)
        guard unwritten == nil, let holder = ended.holder else { return }
        // A file that could not be judged when the run ended; one that stays is stale, and cleared by the next start.
        try? await parts.locks.remove(holder, of: lock.microscope)
    }

    private func tryToWrite(_ unwritten: Unwritten) {
        journal.reread(id)
        do throws(EngineError) {
            try write(unwritten, of: try state())
            forgetUnwritten()
        } catch {
            // Still full, or still gone: the next pulse tries again.
        }
    }

    /// What the store says by now counts: it may have written the end after all, late.
    private func write(_ unwritten: Unwritten, of state: SessionState) throws(EngineError) {
        let holder = try storedHolder()
        let freed = freeing(holder)
        guard state.status.needsHolder else {
            let missing = unwritten.notice.flatMap { notice in state.notices.contains { $0.id == notice.id } ? nil : notice }
            let events = freed + [missing.map(RunEvent.noticeRaised)].compactMap(\.self)
            if !events.isEmpty { try recordOutside(events, command: nil) }
            return
        }
        // Whoever holds the microscope by now: the run ended as it did.
        if let words = unwritten.words {
            do throws(StoreError) {
                var entry = try closing(words).get()
                entry.events += freed
                return try journal.recordNow(entry)
            } catch {
                if error.mayPass { throw .store(error) }
            }
        }
        var events = Recovery.events(for: state, reports(of: state), cause: unwritten.cause, at: parts.now()) + freed
        if let notice = unwritten.notice { events.append(.noticeRaised(notice)) }
        try recordOutside(events, [LogLine(.error, "session", unwritten.cause)], command: nil)
    }

    func storedHolder() throws(EngineError) -> LockHolder? {
        try journal.asking { store throws(StoreError) in try store.holder(of: lock.microscope) }
    }

    /// Nothing where the microscope is another session's by now.
    func freeing(_ holder: LockHolder?) -> [RunEvent] {
        guard let holder, holder.session == id else { return [] }
        return [.lockFreed(LockFreed(microscope: lock.microscope, epoch: holder.epoch, reason: "run ended"))]
    }

    func forgetUnwritten() {
        guard unwritten != nil else { return }
        unwritten = nil
        journal.tellNow(.trouble(id, nil))
    }
}
