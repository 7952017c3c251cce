import Microscope
import RunModel
import Store

/// One session: what people may ask of it, and the life of its run.
///
/// A session has at most one run. `start` takes the scope lock, writes `runStarted` and spawns `carryOut`, which lives exactly as long as
/// the run: it lends the microscope to a `RunLoop`, and whatever ends that (all grids done, a stop, a failure, a kill) comes back here to
/// `finish`: the column left safe, the lock given back, a true status written, in this order. Then the session can be started again.
///
/// ```
///   start ──▶ isStarting ──▶ run lives ──▶ bell closed ──▶ no run
///               refused ─────────┬──────────────▲
///    stop, cancelStop, answer ───┤ heard by the run at its next checkpoint or wait
///    forceKill, shutDown ────────┘ cut the run at once; return when it has ended
/// ```
///
/// Everybody may call everything at any time; a command that makes no sense now is refused with the reason and changes nothing. All state
/// that matters is in the store; what is kept here is only what dies with the run.
public actor RunSession {
    /// The run that lives now.
    struct Run: Sendable {
        let context: RunContext
        let startedAt: Timestamp

        var number: Int { context.number }
        var bell: RunBell { context.bell }
    }

    nonisolated let id: SessionID
    let group: String
    let parts: EngineParts
    let journal: Journal
    let lock: ScopeLock
    let queue: TargetQueue
    let pipeline: ProcessingPipeline
    let disks: DiskMonitor
    let bells: RunBells
    let spawn: @Sendable (@escaping @Sendable () async -> Void) -> Void
    /// Signalled when something that a wait may depend on has changed: a stop, an answer, the queue, the end.
    let changes = Condition()
    var run: Run?
    private(set) var isStarting = false
    /// Why the last run ended, as long as the store could not take it.
    var unwritten: Unwritten?

    struct Unwritten {
        /// Its last words, where the store may take them later; nil for a start that was cut short.
        let words: LastWords?
        let cause: String
        /// What somebody must look at, if the column was not left safe.
        let notice: Notice?
        /// Whose lock file may still be there.
        let holder: LockHolder?
    }
    /// The server is shutting down: what is starting does not begin.
    var isShutDown = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { parts.executor.asUnownedSerialExecutor() }

    init(
        _ id: SessionID, group: String, parts: EngineParts, journal: Journal, lock: ScopeLock, pipeline: ProcessingPipeline,
        disks: DiskMonitor,
        bells: RunBells, spawn: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Void
    ) {
        self.id = id
        self.group = group
        self.parts = parts
        self.journal = journal
        self.lock = lock
        self.pipeline = pipeline
        self.disks = disks
        self.bells = bells
        self.spawn = spawn
        queue = TargetQueue(id, parts: parts, journal: journal, changes: changes)
    }

    /// True while a run lives here: the holder that a stored status needs.
    var isLiving: Bool { run != nil || isStarting }

    /// Takes the lock and begins; refused at once, and without touching the microscope, when it cannot be had.
    func start(by person: String, force: Force?, command: CommandID) async throws(EngineError) {
        guard !isLiving else { throw force != nil ? await livingRefusal() : .alreadyRunning(id) }
        isStarting = true
        let bell = RunBell(group: group, changes: changes)
        bells[id] = bell
        defer {
            isStarting = false
            if run == nil { bells[id] = nil }
            changes.signal()
        }
        // How the last run ended comes before this one; what cannot be written now is kept, in case this start is refused.
        await writeUnwrittenNow()
        // A status that was changed behind the engine's back is seen here, and cured.
        journal.reread(id)
        let state = try state()
        try checkThatThereIsSomethingToRun(state)
        let folder = try await checkDisks(state, hearing: bell, by: person, command: command)
        if let by = bell.rungBy { try giveWay(to: by, bell, state.session.group, person, command) }
        let number = try await takeLock(state.session, hearing: bell, person: person, force: force, command: command)
        try await recordStart(by: person, number: number, force: force, command: command, hearing: bell)
        // Each taking of the lock raises the number by one, whoever takes it.
        let epoch = await lock.fence(number)?.epoch ?? 0
        let followsOwnRun = state.process.epoch.map { $0 + 1 == epoch } ?? true
        await begin(
            RunContext(
                id, startedBy: person, number: number, parts: parts, journal: journal, lock: lock, pipeline: pipeline,
                disks: disks,
                bell: bell, folder: folder, followsOwnRun: followsOwnRun), state)
    }

    /// Somebody wants no run before this one has begun: then there is none, and whoever rang has what they asked for.
    private func giveWay(
        to rung: String, _ bell: RunBell, _ group: String, _ person: String, _ command: CommandID
    ) throws(EngineError) {
        bell.answerAll()
        let refusal = EngineError.givenUp(for: rung)
        try recordRefusal(refusal, in: group, by: person, command: command)
        throw refusal
    }

    private func begin(_ context: RunContext, _ state: SessionState) async {
        let begun = Run(context: context, startedAt: parts.now())
        run = begun
        await pipeline.resume(id)
        spawn { [self] in await carryOut(begun, on: state.microscope, state.detector) }
    }

    /// The start was not written, so it did not happen; where it is written late all the same, that is put right afterwards.
    private func giveUpStart(_ number: Int, _ error: EngineError) async {
        let holder = await lock.living?.holder
        do throws(StoreError) {
            try await lock.release(number, reason: "not started") { [id] in .success(Entry(session: id)) }
        } catch {
            return keepUnstarted(.store(error), holder)
        }
        keepUnstarted(error, holder)
    }

    /// A start that the store could not take in time may be written late, or have left a holder.
    private func keepUnstarted(_ error: EngineError, _ holder: LockHolder? = nil) {
        guard case .store(let cause) = error, cause.mayPass, unwritten == nil else { return }
        unwritten = Unwritten(
            words: nil, cause: "The run did not begin: \(cause.sentence)", notice: nil, holder: holder)
    }

    private func livingRefusal() async -> EngineError {
        guard let holder = await lock.living?.holder else { return .alreadyRunning(id) }
        return .livingRun(holder)
    }

    private func takeLock(
        _ session: Session, hearing bell: RunBell, person: String, force: Force?, command: CommandID
    ) async throws(EngineError) -> Int {
        let taken: Result<Int, EngineError> = await bell.untilRung(patience: StopHearingFiles.patience, parts.clock) { [lock] in
            do throws(EngineError) { return .success(try await lock.take(for: session, person: person, takingOver: force)) } catch
            {
                return .failure(error)
            }
        }
        do throws(EngineError) { return try taken.get() } catch {
            // Cut short: nobody has looked at the lock file for long enough.
            if case .lock(.files(let cause)) = error, cause.isSilence, let by = bell.rungBy {
                try giveWay(to: by, bell, session.group, person, command)
            }
            keepUnstarted(error)
            try recordRefusal(error, in: session.group, by: person, command: command)
            if force != nil, case .lock(.held(let holder)) = error, await lock.living != nil { throw .livingRun(holder) }
            throw error
        }
    }

    /// Until a start that is under way has begun its run or been refused.
    func waitForStart() async {
        while isStarting, !Task.isCancelled {
            let seen = changes.generation
            if isStarting { await changes.wait(after: seen) }
        }
    }

    /// The refused session's own log says who holds the microscope, and since when; the running one is left alone.
    func recordRefusal(
        _ refusal: EngineError, in group: String, by person: String, command: CommandID
    ) throws(EngineError) {
        var holder: LockHolder?
        var (sentence, remedy) = (refusal.sentence, refusal.remedy)
        if case .lock(let cause) = refusal, let by = cause.holder {
            holder = by
            // Readers of this session may not be readers of that one.
            if by.group != group {
                holder = nil
                sentence = "A session of another group is running on this microscope since \(by.startedAt)."
                remedy = "Wait until it finishes, or ask the facility's staff."
            }
        }
        let news = StartRefused(by: person, code: refusal.code, sentence: sentence, remedy: remedy, holder: holder)
        let line = LogLine(.warning, "lock", "Start by \(person) was refused. \(sentence) \(remedy ?? "")")
        try recordOutside([.startRefused(news)], [line], command: command)
    }

    private func recordStart(
        by person: String, number: Int, force: Force?, command: CommandID, hearing bell: RunBell
    ) async throws(EngineError) {
        do throws(EngineError) {
            if isShutDown { throw .shuttingDown }
            if let by = bell.rungBy {
                bell.answerAll()
                throw .givenUp(for: by)
            }
            try await writeStart(by: person, number: number, force: force, command: command)
        } catch {
            await giveUpStart(number, error)
            if case .givenUp = error, let group = try? state().session.group {
                try recordRefusal(error, in: group, by: person, command: command)
            }
            throw error
        }
        forgetUnwritten()
    }

    private func writeStart(by person: String, number: Int, force: Force?, command: CommandID) async throws(EngineError) {
        let process = parts.processes.this
        let fence = await lock.fence(number)
        let state = try state()
        var entry = endOfLastRun(state)
        entry.events.append(
            .runStarted(
                RunStarted(by: person, host: process.host, pid: process.pid, epoch: fence?.epoch ?? 0, forced: force != nil)))
        let line = LogLine(
            .info, "session",
            "\(force == nil ? "Started" : "Force-started") by \(person), process \(process.pid) on \(process.host)\(force.map { ".\($0.words)" } ?? "")"
        )
        entry.lines.append(LogEntry(log: .imaging, line: line))
        (entry.command, entry.fence) = (command, fence)
        do throws(StoreError) { try journal.recordNow(entry) } catch { throw .store(error) }
    }

    /// What its last words say, where the store could not take them before; nothing where it knows the end.
    private func endOfLastRun(_ state: SessionState) -> Entry {
        if state.status.needsHolder, let words = unwritten?.words, case .success(let entry) = closing(words) { return entry }
        let reports = state.grids.compactMap { try? journal.grid($0.grid.id) }
        let cause = "The last run left no trace of its end."
        return Entry(session: id, events: Recovery.events(for: state, reports, cause: cause, at: parts.now()))
    }

    func checkThatThereIsSomethingToRun(_ state: SessionState) throws(EngineError) {
        if state.archived == true { throw .archived }
        // A run that was cut off may have left the valves open, and an exposure of a grid that is closed since.
        if !state.grids.contains(where: \.status.isOpen), state.status != .interrupted, try unsettled() == 0 {
            throw .nothingToRun
        }
        if state.plan == .collectQueued, GridOrder.left(of: state).isEmpty, state.status != .interrupted, try unsettled() == 0 {
            throw .nothingQueued
        }
        // One whose recipe is gone fails by itself, as long as there are others.
        let open = state.grids.filter(\.status.isOpen)
        if let first = open.first, open.allSatisfy({ parts.recipes[$0.grid.recipe] == nil }) {
            throw .recipe(
                "Grid \(first.grid.slot) asks for the recipe '\(first.grid.recipe)', which this facility does not have.")
        }
    }

    /// Why there is nothing to start; nil where there is, or nobody can tell.
    func refusalOfStart(_ state: SessionState) -> EngineError? {
        do throws(EngineError) { try checkThatThereIsSomethingToRun(state) } catch {
            if case .store = error { return nil }
            return error
        }
        return nil
    }

    /// Exposures of which nobody has said what became of them; they may be of closed grids.
    private func unsettled() throws(EngineError) -> Int {
        try journal.asking { [id] store throws(StoreError) in
            let open = try store.openExposures(of: id).count
            return try open + store.unknownExposures(of: id).count
        }
    }

    func state() throws(EngineError) -> SessionState { try journal.state(of: id) }

    /// Writes for a person's command, run or no run. `afterwards`: what is then to be done, where it is written late.
    func recordOutside(
        _ events: [RunEvent], _ lines: [LogLine] = [], command: CommandID?, afterwards: (@Sendable () -> Void)? = nil
    ) throws(EngineError) {
        do throws(StoreError) {
            try journal.recordNow(
                Entry(session: id, events: events, lines: lines.map { LogEntry(log: .imaging, line: $0) }, command: command),
                afterwards: afterwards)
        } catch {
            throw .store(error)
        }
    }
}
