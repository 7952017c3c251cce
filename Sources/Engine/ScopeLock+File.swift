import RunModel
import Store

extension ScopeLock {
    /// What stands in the lock file, judged.
    enum Finding: Hashable {
        case none
        /// Its process is gone, or lives without a run of this file.
        case stale(LockHolder?)
        /// Another process that lives, or one on a host where nobody here can look.
        case foreign(LockHolder)
        /// What no removal of a file removes: a folder, for one.
        case obstructed(path: String)
        /// A file that this server may not read.
        case closed(path: String, reason: String)
        case couldNotLook(RunFileError)
    }

    func inspectFile() async -> Finding {
        switch await parts.locks.read(microscope) {
        case nil: return .none
        case .unreadable?: return .stale(nil)
        case .noFile(let path)?: return .obstructed(path: path)
        case .closed(let path, let reason)?: return .closed(path: path, reason: reason)
        case .unknownForm(let path)?: return .closed(path: path, reason: ScopeLockError.unknownForm)
        case .silent(let problem)?: return .couldNotLook(problem)
        case .holder(let holder)?:
            // One server per data directory: a file that names this process without a run registered here is a leftover.
            if holder.process == parts.processes.this { return .stale(holder) }
            switch parts.processes.liveness(of: holder.process) {
            case .gone: return .stale(holder)
            case .alive: return .foreign(holder)
            case .cannotTell: return isOfEarlierLife(holder) ? .stale(holder) : .foreign(holder)
            }
        }
    }

    /// A container that was started anew on this machine: no other server of this data directory lives, and the store names that very run.
    private func isOfEarlierLife(_ holder: LockHolder) -> Bool {
        let this = parts.processes.this
        guard holder.host == this.host, holder.bootID == this.bootID, holder.pidNamespace != this.namespace else { return false }
        return (try? journal.store.holder(of: microscope))?.isSame(as: holder) == true
    }

    func otherHolder() async -> LockHolder? {
        guard case .holder(let holder)? = await parts.locks.read(microscope) else { return nil }
        return holder
    }

    /// Frees what a dead holder left; refuses for one that may live.
    ///
    /// `line` is for the log of the session that is left without it, unless that is the taker's own.
    func clearStaleFile(for taker: Session? = nil, _ line: String? = nil) async throws(EngineError) {
        let freeing = Freeing(reason: "holder gone", line: line.map { LogLine(.warning, "lock", $0) }, taker: taker?.id)
        let before = living?.number
        switch await inspectFile() {
        case .none: try freeInStore(freeing)
        case .stale: try await removeAndFree(freeing, unlessAfter: before)
        case .foreign(let holder): throw .lock(.foreign(holder))
        case .obstructed(let path): throw .lock(.obstructed(path: path))
        case .closed(let path, let reason): throw .lock(.unreadable(path: path, reason: reason))
        case .couldNotLook(let problem): throw .lock(.files(problem))
        }
    }

    /// Staff's remedy for a lock file without a living run. The epoch rises, so that whoever wrote the file can do nothing any more.
    func removeByStaff(_ person: String, _ force: Force, command: CommandID?) async throws(EngineError) {
        if let living { throw .livingRun(living.holder) }
        let stored = try journal.asking { store throws(StoreError) in try store.holder(of: microscope) }
        let finding = await inspectFile()
        // The disk may have been slow, and a run have begun meanwhile.
        if let living { throw .livingRun(living.holder) }
        guard stored != nil || finding != .none else { throw .noLock }
        _ = try journal.asking { store throws(StoreError) in try store.nextEpoch(of: microscope) }
        switch finding {
        case .obstructed, .closed:
            do throws(RunFileError) { try await parts.locks.setAside(microscope) } catch { throw .lock(.files(error)) }
        case .none, .stale, .foreign, .couldNotLook: break
        }
        let line = LogLine(.warning, "lock", "The lock on the microscope was removed by \(person).\(force.words)")
        try await removeAndFree(Freeing(reason: "removed by staff", line: line, command: command), unlessAfter: nil)
        // Nobody in the store held it: the session that the file named hears of its removal.
        if stored == nil, let named = finding.holder {
            let freed = RunEvent.lockFreed(LockFreed(microscope: microscope, epoch: named.epoch, reason: "removed by staff"))
            // A file of a session that is not here has nobody to tell.
            let lines = [LogEntry(log: .imaging, line: line)]
            try? journal.recordNow(Entry(session: named.session, events: [freed], lines: lines, command: command))
        }
    }

    /// Why a lock is freed, and what its holder's log says of it.
    private struct Freeing {
        var reason: String
        var line: LogLine?
        var command: CommandID?
        /// A session that takes its own lock anew is told nothing.
        var taker: SessionID?
    }

    /// `before`: the run that lived when whoever asks looked last.
    private func removeAndFree(_ freeing: Freeing, unlessAfter before: Int?) async throws(EngineError) {
        try await clearFile()
        // A run may have begun while the disk was slow: then what the store names is that run, and it stays.
        guard living?.number == before else { return }
        try freeInStore(freeing)
    }

    func clearFile() async throws(EngineError) {
        do throws(RunFileError) { try await parts.locks.remove(microscope) } catch { throw .lock(.files(error)) }
    }

    /// Says that a holder whom the store still names is gone.
    private func freeInStore(_ freeing: Freeing) throws(EngineError) {
        do throws(StoreError) {
            guard let left = try journal.store.holder(of: microscope) else { return }
            let freed = RunEvent.lockFreed(LockFreed(microscope: microscope, epoch: left.epoch, reason: freeing.reason))
            let lines = left.session == freeing.taker ? [] : [freeing.line].compactMap { $0 }
            let told = lines.map { LogEntry(log: .imaging, line: $0) }
            try journal.recordNow(Entry(session: left.session, events: [freed], lines: told, command: freeing.command))
        } catch {
            // Of another session, whose record is damaged: nothing can be added to it, and the next holder's taking replaces it.
            if case .unreadable = error, freeing.taker != nil { return }
            throw .store(error)
        }
    }
}
