import RunModel
import Store

/// The parts, joined. `run()` is one task group; everything that lives long is in it.
public actor Engine {
    public nonisolated let parts: EngineParts
    public nonisolated let journal: Journal
    public nonisolated let disks: DiskMonitor
    public nonisolated let pipeline: ProcessingPipeline
    nonisolated let bells = RunBells()
    private let work: AsyncStream<@Sendable () async -> Void>
    private let spawn: @Sendable (@escaping @Sendable () async -> Void) -> Void
    private let endOfWork: @Sendable () -> Void
    private(set) var sessions = RunSessions()
    private var locks: [MicroscopeID: ScopeLock] = [:]
    private var takesCommands = true
    /// Names, with their groups, of sessions that are being made.
    var beingMade: Set<String> = []
    let made = Condition()
    private let recovered = Latch()
    /// Sessions of which the recovery could not say how they ended. The others do not wait for them.
    public private(set) var unrecovered: [(SessionID, StoreError)] = []

    public nonisolated var unownedExecutor: UnownedSerialExecutor { parts.executor.asUnownedSerialExecutor() }

    public init(_ parts: EngineParts) {
        self.parts = parts
        journal = Journal(
            store: parts.caller.map(parts.store.called) ?? parts.store, patient: parts.store, executor: parts.executor,
            now: parts.now, activity: parts.activity)
        disks = DiskMonitor(parts: parts, journal: journal)
        pipeline = ProcessingPipeline(parts: parts, journal: journal)
        let (stream, continuation) = AsyncStream.makeStream(of: (@Sendable () async -> Void).self)
        work = stream
        spawn = { continuation.yield($0) }
        endOfWork = { continuation.finish() }
    }

    /// Recovers what the last process left, then runs until `shutDown` or cancellation.
    public func run() async throws(EngineError) {
        let listener = await journal.listen()
        try await recover()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [pipeline] in await pipeline.run() }
            group.addTask { [disks] in await disks.run() }
            group.addTask { [self] in await pulse() }
            group.addTask { [parts, journal] in await LogFiles(parts: parts, journal: journal).run(listener) }
            group.addTask { [self] in await runSpawned() }
            // The spawned runs end last, at `shutDown`; then the rest is told to end.
            await waitForEndOfWork()
            group.cancelAll()
        }
    }

    private let ended = Latch()

    private func waitForEndOfWork() async { await ended.wait() }

    private func runSpawned() async {
        await withDiscardingTaskGroup { group in
            for await job in work { group.addTask { await job() } }
        }
        ended.set()
    }

    /// No more commands; runs are stopped softly and then hard, locks given back, listeners' streams ended.
    public func shutDown(within deadline: Duration) async {
        takesCommands = false
        let living = sessions.all
        await withDiscardingTaskGroup { group in
            for session in living { group.addTask { await session.shutDown(within: deadline) } }
        }
        endOfWork()
        await journal.close()
    }

    /// Writes the truth about statuses and locks whose holders died with an earlier process. Nobody waits for the engine yet, so a slow disk has
    /// all the time that it takes.
    private func recover() async throws(EngineError) {
        parts.activity.begin("the recovery of what the last server left")
        let microscopes: [MicroscopeID]
        do throws(StoreError) {
            try recordInterruptions(parts.store)
            microscopes = try parts.store.facility().state.microscopes.map(\.microscope.id)
        } catch {
            throw .store(error)
        }
        for microscope in microscopes {
            // A file that cannot be read or removed now, or that may belong to somebody alive, is judged again by the next start.
            try? await lock(of: microscope).clearStaleFile()
        }
        recovered.set()
    }

    /// Returns when what an earlier process left is cleared: until then no run begins, and a server that listened would show the past as
    /// the present.
    public func untilReady() async {
        await recovered.wait()
    }

    private func recordInterruptions(_ store: RunStore) throws(StoreError) {
        for id in try store.sessionsWithActiveStatus() {
            do throws(StoreError) { try recordInterruption(of: id, store) } catch {
                guard !error.mayPass else { throw error }
                unrecovered.append((id, error))
            }
        }
    }

    private func recordInterruption(of id: SessionID, _ store: RunStore) throws(StoreError) {
        guard let state = try store.state(of: id)?.state, try !isHeldElsewhere(state, store) else { return }
        let reports = state.grids.compactMap { try? store.state(of: $0.grid.id)?.state }  // unreadable: left out of what it says
        var events = Recovery.events(
            for: state, reports, cause: "The server had ended without closing the run.", at: parts.now())
        let line =
            if case .runCompleted(let summary)? = events.first { summary.lastLine } else {
                LogLine(.error, "session", "The run was interrupted: the server had ended without closing it.")
            }
        if let holder = try store.holder(of: state.session.microscope), holder.session == id {
            events.append(
                .lockFreed(LockFreed(microscope: state.session.microscope, epoch: holder.epoch, reason: "holder gone")))
        }
        let entry = Entry(session: id, events: events, lines: [LogEntry(log: .imaging, line: line)])
        let written: Result<Void, StoreError> = journal.assumeIsolated { journal in
            do throws(StoreError) { return .success(try journal.recordPatiently(entry)) } catch { return .failure(error) }
        }
        try written.get()
    }

    /// Another server that lives holds the microscope for this session: then what is stored is true.
    private func isHeldElsewhere(_ state: SessionState, _ store: RunStore) throws(StoreError) -> Bool {
        guard let holder = try store.holder(of: state.session.microscope), holder.session == state.session.id else {
            return false
        }
        return holder.process != parts.processes.this && parts.processes.liveness(of: holder.process) == .alive
    }

    // MARK: finding the actor that a command asks

    /// `act`: what is asked of it, for whoever must say what the engine was at.
    func session(_ id: SessionID, for act: StaticString = "a question") throws(EngineError) -> RunSession {
        parts.activity.begin("\(act) about session \(id)")
        guard takesCommands else { throw .shuttingDown }
        if let known = sessions[id] {
            sessions.keep(known)
            return known
        }
        let state = try journal.state(of: id)
        let session = RunSession(
            id, group: state.session.group, parts: parts, journal: journal, lock: lock(of: state.session.microscope),
            pipeline: pipeline, disks: disks,
            bells: bells, spawn: spawn)
        sessions.keep(session)
        return session
    }

    func lock(of microscope: MicroscopeID) -> ScopeLock {
        if let known = locks[microscope] { return known }
        let lock = ScopeLock(microscope, parts: parts, journal: journal)
        locks[microscope] = lock
        return lock
    }

    /// Tries again what the store could not take, and lets go of the sessions that have nothing more to do.
    func tidyUp() async {
        parts.activity.begin("tidying up")
        for session in sessions.all { await session.writeUnwritten() }
        sessions.letGo { session in session.assumeIsolated { !$0.isLiving && $0.unwritten == nil } }
    }

    /// Of a session that runs or begins to; from memory, for whoever must not wait for the store.
    public nonisolated func group(ofLiving id: SessionID) -> String? { bells[id]?.group }

    /// Those that run or begin to, from memory too.
    public nonisolated var runningSessions: [SessionID] { bells.sessions }

    /// Returns when the engine has come to it: it is alive.
    public func ping() {
        // What the store has written late is told as soon as the engine moves again.
        journal.assumeIsolated { $0.tellLate() }
    }

    func livingSessions() -> [SessionID] { sessions.all.map(\.id).filter(isLiving) }

    /// True while a run of this session lives: what a stored status must have behind it.
    public func isLiving(_ id: SessionID) -> Bool { sessions[id]?.assumeIsolated { $0.isLiving } ?? false }
}
