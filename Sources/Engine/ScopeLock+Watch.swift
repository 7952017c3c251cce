import Microscope
import RunModel
import Store

// The lock file under a living run: what excludes is the epoch, but whoever puts another file there means it.
extension ScopeLock {
    /// Compares the file with what this run wrote. One that is gone is put back; one that names another run costs this run its lock. A disk
    /// that does not answer is no loss.
    func lookAtFile(_ number: Int) async {
        guard let before = living, before.number == number, before.isTaken, !before.isChangingFile, before.usurper == nil else {
            return
        }
        let content = await parts.locks.read(microscope)
        // The run may have ended or renewed its lock meanwhile.
        guard let now = living, now.number == number, !now.isChangingFile, now.holder.epoch == before.holder.epoch else { return }
        switch content {
        case .silent?: return
        case .holder(let holder)? where holder.isSame(as: now.holder): living?.saidObstruction = false
        // What a process wrote that is gone by now keeps nobody out.
        case .holder(let other)?
        where other.process != parts.processes.this && parts.processes.liveness(of: other.process) != .gone:
            usurp(.fileOfAnother(other, reader: now.holder.group))
        case .unknownForm(let path)?: usurp(.unreadable(path: path, reason: ScopeLockError.unknownForm))
        case .noFile(let path)?:
            sayOnce(now, "Something that is no file stands where the scope lock file belongs: \(path). The run goes on.")
        // Somebody has taken the right to read it away; whose it is shows when it is given back.
        case .closed(let path, let reason)?:
            sayOnce(now, "The scope lock file cannot be read: \(path): \(reason). The run goes on.")
        case nil: await putBack(now, "The scope lock file was gone, and has been written again.")
        case .unreadable?, .holder?: await putBack(now, "The scope lock file named nobody, and has been written again.")
        }
    }

    /// Whoever put it there means it.
    private func usurp(_ loss: ScopeLockError) {
        living?.usurper = loss
        say(.error, loss.sentence)
    }

    private func sayOnce(_ registration: Registration, _ sentence: String) {
        guard !registration.saidObstruction else { return }
        living?.saidObstruction = true
        say(.warning, sentence)
    }

    private func putBack(_ registration: Registration, _ sentence: String) async {
        living?.isChangingFile = true
        defer { if living?.number == registration.number { living?.isChangingFile = false } }
        do throws(RunFileError) {
            // What was looked at just now, and nothing that came since.
            try await parts.locks.remove(microscope)
            // A run that has ended meanwhile leaves no file.
            guard !Task.isCancelled, living?.number == registration.number,
                try await parts.locks.create(registration.holder, for: microscope)
            else { return }
        } catch {
            // The next look tries again.
            return
        }
        say(.warning, sentence)
    }

    func say(_ level: LogLine.Level, _ sentence: String) {
        guard let living else { return }
        let line = LogEntry(log: .imaging, line: LogLine(level, "lock", sentence))
        // A store that cannot take it holds the run by itself.
        try? journal.recordNow(
            Entry(
                session: living.holder.session, events: [], lines: [line],
                fence: Fence(microscope: microscope, epoch: living.epoch)))
    }

    /// Looks again and again, as long as the run has the microscope.
    func look(_ number: Int, _ microscope: ClaimedMicroscope, until watch: ScopeWatch) async {
        while !Task.isCancelled, !watch.leaving.isSet {
            await Timer(duration: parts.settings.lockWatchInterval, clock: parts.clock)
                .wait(orUntil: watch.leaving.condition, after: 0)
            guard !Task.isCancelled, !watch.leaving.isSet else { return }
            tell(microscope.silence, of: number)
            tell(awayOf: microscope, of: number)
            sayUnkept(microscope)
            await lookAtFile(number, until: watch.leaving)
        }
    }

    /// Whoever leaves the column takes the file away, and waits for no look at it.
    private func lookAtFile(_ number: Int, until leaving: Latch) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await lookAtFile(number) }
            group.addTask { await leaving.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
