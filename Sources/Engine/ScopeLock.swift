import Microscope
import RunModel
import Store
import Synchronization

/// The only way to one microscope. One run at a time is registered here; what excludes everybody else is the epoch in the store.
public actor ScopeLock {
    /// The run that holds the microscope, from the first moment it asks until everything is given back.
    struct Registration {
        var number: Int
        /// As the lock file and the store name it.
        var holder: LockHolder
        /// The newest that the store has given to this run; a moment later the holder has it too.
        var epoch = 0
        /// The claim of another server that staff have seen, and want the microscope from.
        var takesOver: ScopeClaim?
        /// False until the lock file and the event are written.
        var isTaken = false
        /// The run itself is changing the lock file.
        var isChangingFile = false
        var saidObstruction = false
        /// Seconds of the microscope's silence that people were told of last.
        var saidSilence: Int?
        /// People were told that the link is broken while the run waits.
        var saidAway = false
        /// Whom the lock file names in place of this run, in words.
        var usurper: ScopeLockError?
        /// An epoch that the store gave to this run after it had said nothing for too long.
        let late = LateEpoch()
    }

    nonisolated let microscope: MicroscopeID
    let parts: EngineParts
    let journal: Journal
    var living: Registration?
    /// Another server's claim, as it was last read at the microscope.
    var seenClaim: SeenClaim?
    private var lastNumber = 0

    public nonisolated var unownedExecutor: UnownedSerialExecutor { parts.executor.asUnownedSerialExecutor() }

    init(_ microscope: MicroscopeID, parts: EngineParts, journal: Journal) {
        self.microscope = microscope
        self.parts = parts
        self.journal = journal
    }

    /// Registers a run and writes its lock file and its epoch, or says who holds the microscope. Never talks to the microscope.
    func take(for session: Session, person: String, takingOver force: Force? = nil) async throws(EngineError) -> Int {
        if let living { throw .lock(.held(by: living.holder)) }
        if force == nil, let seen = claimInTruce { throw .lock(.claimed(seen, reader: session.group)) }
        lastNumber += 1
        let number = lastNumber
        // Registered before the first `await`: of fifty starts at once, forty-nine end above.
        living = Registration(
            number: number, holder: holder(for: session, person: person, epoch: 0),
            takesOver: force == nil ? nil : shownClaim)
        do throws(EngineError) {
            try await clearStaleFile(for: session, force.map { "Another session was force-started by \(person).\($0.words)" })
            try await writeLock(for: session, person: person)
            return number
        } catch {
            // Its file too, where there is one by now.
            if let holder = living?.holder { await removeFile(of: holder) }
            living = nil
            throw error
        }
    }

    /// Raises the epoch of a run whose link was lost, so that nothing sent over the old link can count any more.
    func retake(_ number: Int, session: Session) async throws(RunEnd) {
        guard let registration = living, registration.number == number else { throw .lockLost(.lost(microscope: microscope)) }
        do throws(EngineError) {
            try check(number)
            living?.isChangingFile = true
            defer { living?.isChangingFile = false }
            do throws(RunFileError) { try await parts.locks.remove(registration.holder, of: microscope) } catch {
                throw .lock(.files(error))
            }
            try await writeLock(for: session, person: registration.holder.person)
        } catch {
            switch error {
            case .store(let cause): throw .store(cause)
            // The file is for people to see; what excludes is the epoch. A silent disk is one more try.
            case .lock(.files(let cause)): throw .link(.linkLost("and the lock file was not renewed: \(cause.sentence)"))
            case .lock(let cause): throw .lockLost(cause)
            default: throw .lockLost(.lost(microscope: microscope))
            }
        }
    }

    /// Before every command to the microscope: the run must still be registered here, with the newest epoch of the store.
    func check(_ number: Int) throws(EngineError) {
        guard let session = living?.holder.session, living?.number == number else {
            throw .lock(.lost(microscope: microscope))
        }
        let newest = try journal.asking { store throws(StoreError) in try store.epoch(of: microscope, for: session) }
        guard let living = registration(number), newest == living.epoch else { throw .lock(.lost(microscope: microscope)) }
        if let usurper = living.usurper { throw .lock(usurper) }
    }

    /// Before what leaves the column safe. A store that cannot be read names nobody else, so it does not keep a valve open.
    func checkToLeave(_ number: Int) throws(EngineError) {
        let newest = try? journal.store.epoch(of: microscope, for: living?.holder.session)
        guard let living = registration(number), newest ?? living.epoch == living.epoch else {
            throw .lock(.lost(microscope: microscope))
        }
        if let usurper = living.usurper { throw .lock(usurper) }
    }

    func fence(_ number: Int) -> Fence? {
        registration(number).map { Fence(microscope: microscope, epoch: $0.epoch) }
    }

    /// The run of this number, with the newest epoch that the store has given to it.
    private func registration(_ number: Int) -> Registration? {
        guard let living, living.number == number else { return nil }
        if let late = living.late.take(), late > living.epoch { self.living?.epoch = late }
        return self.living
    }

    /// Gives the lock back: the file goes first, then the run's last events and the freeing are written at once. `closing` is asked right before
    /// that; while the store cannot be read it has no words yet.
    func release(
        _ number: Int, reason: String, closing: @Sendable () -> Result<Entry, StoreError>
    ) async throws(StoreError) {
        let newest = try? journal.store.epoch(of: microscope, for: living?.holder.session)  // unreadable: the file is left alone
        guard let registration = registration(number) else { return }
        let isOurs = newest == registration.epoch
        living?.isChangingFile = true
        if isOurs {
            // A file that cannot be removed is stale from here on and cleared by the next start; another's is theirs.
            await removeFile(of: registration.holder)
        }
        defer { living = nil }
        let freed: [RunEvent] =
            isOurs ? [.lockFreed(LockFreed(microscope: microscope, epoch: registration.holder.epoch, reason: reason))] : []
        var entry = try closing().get()
        entry.events += freed
        if isOurs { entry.fence = Fence(microscope: microscope, epoch: registration.epoch) }
        do throws(StoreError) { try journal.recordNow(entry) } catch {
            // The store refused the last words for good: then it is told at least that nobody holds the microscope.
            if !error.mayPass { try journal.recordNow(Entry(session: entry.session, events: freed)) }
            throw error
        }
    }

    /// Whoever ends a run waits for no disk: one that is slower has the file left behind.
    private func removeFile(of holder: LockHolder) async {
        let (locks, microscope, clock) = (parts.locks, microscope, parts.clock)
        await withTaskGroup(of: Void.self) { group in
            // What stays is stale, and cleared by the next start.
            group.addTask { try? await locks.remove(holder, of: microscope) }
            group.addTask { try? await clock.sleep(for: .milliseconds(300)) }  // cancelled is over
            await group.next()
            group.cancelAll()
        }
    }

    private func holder(for session: Session, person: String, epoch: Int) -> LockHolder {
        let process = parts.processes.this
        return LockHolder(
            session: session.id, sessionName: session.name, group: session.group, person: person, host: process.host,
            pid: process.pid, bootID: process.bootID, processStart: process.start, pidNamespace: process.namespace,
            startedAt: parts.now(), epoch: epoch)
    }

    private func writeLock(for session: Session, person: String) async throws(EngineError) {
        let late = living?.late
        let epoch = try journal.asking { store throws(StoreError) in
            try store.nextEpoch(of: microscope, for: session.id, late: { late?.put($0) })
        }
        var holder = holder(for: session, person: person, epoch: epoch)
        holder.startedAt = living?.isTaken == true ? living?.holder.startedAt ?? holder.startedAt : holder.startedAt
        living?.holder = holder
        living?.epoch = epoch
        if try await !isWritten(holder) {
            switch await inspectFile() {
            case .foreign(let other): throw .lock(.foreign(other))
            // Under a run that lives already the file is for people to see, and the watch says what is in its place.
            case .none, .stale, .obstructed, .closed, .couldNotLook:
                guard living?.isTaken == true else { throw .lock(.held(by: await otherHolder() ?? holder)) }
            }
        }
        living?.isTaken = true
        let entry = Entry(
            session: session.id, events: [.lockTaken(LockTaken(microscope: microscope, holder: holder))],
            fence: Fence(microscope: microscope, epoch: epoch))
        do throws(StoreError) { try journal.recordNow(entry) } catch { throw .store(error) }
    }

    /// False when another file stands there already.
    private func isWritten(_ holder: LockHolder) async throws(EngineError) -> Bool {
        do throws(RunFileError) { return try await parts.locks.create(holder, for: microscope) } catch {
            throw .lock(.files(error))
        }
    }
}

/// On its way from the thread of the store's calls to the run.
final class LateEpoch: Sendable {
    private let epoch = Mutex<Int?>(nil)

    func put(_ number: Int) { epoch.withLock { $0 = number } }
    func take() -> Int? {
        epoch.withLock { epoch in
            defer { epoch = nil }
            return epoch
        }
    }
}

extension ScopeLock {
    /// Works with the microscope, and closes the link, whatever happens. The lock itself is given back by `release`, with the run's last
    /// words.
    func withMicroscope(
        _ number: Int, _ description: MicroscopeDescription, _ detector: DetectorDescription,
        _ body: @Sendable (HeldMicroscope) async -> Void
    ) async {
        let microscope = ClaimedMicroscope(parts.microscope(description, detector), clock: parts.clock, truce: truce)
        let watch = ScopeWatch()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await beat(microscope, watch) }
            group.addTask { [self] in await look(number, microscope, until: watch) }
            await body(
                HeldMicroscope(
                    number: number, lock: self, microscope: microscope, watch: watch, gate: ScopeGate(self, number)))
            await watch.end()
        }
        await microscope.disconnect()
    }

    /// Keeps the claim fresh until the column is left.
    private func beat(_ microscope: ClaimedMicroscope, _ watch: ScopeWatch) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await watch.cut.wait() }
            group.addTask { [self] in
                while !Task.isCancelled, !watch.leaving.isSet {
                    let timer = Timer(duration: parts.settings.claimInterval, clock: parts.clock)
                    await timer.wait(orUntil: watch.leaving.condition, after: 0)
                    if !Task.isCancelled, !watch.leaving.isSet { await microscope.beat() }
                    if microscope.ending != nil { watch.lost.set() }
                }
            }
            await group.next()
            group.cancelAll()
        }
        watch.hasEnded.set()
    }
}
