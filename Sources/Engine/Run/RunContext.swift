import Processing
import RunModel
import Store

/// What a run may do besides commanding the column: write down, tell, ask, wait.
///
/// A level or a step sees this and a `Column`, and nothing else of the engine. Everything here runs on the engine's own executor, so what
/// was looked at is still so until the next `await`. What is kept here dies with the run; what must survive it is in the store.
actor RunContext {
    nonisolated let session: SessionID
    nonisolated let startedBy: String
    let parts: EngineParts
    let journal: Journal
    let pipeline: ProcessingPipeline
    let disks: DiskMonitor
    nonisolated let lock: ScopeLock
    /// By which the lock knows this run.
    nonisolated let number: Int
    /// Signalled when something that a wait may depend on has changed: a stop, an answer, the queue, the end.
    nonisolated let changes: Condition
    /// Rung by whoever wants the run to end.
    nonisolated let bell: RunBell

    /// The stop has been heard between two steps: it cannot be taken back any more.
    private(set) var isShuttingDown = false
    /// An answer that nobody has acted on yet: a prompt that outlived a restart can be answered before the run asks.
    var decision: Decision?
    /// Grids that this run has failed at: tried again only by the next Start.
    private(set) var failedGrids: Set<GridID> = []
    /// The grid that is being imaged.
    private(set) var imaging: GridID?
    /// Grids that somebody aborted and that are not closed yet.
    private var aborted: Set<GridID> = []
    var alike = AlikeFailures()
    /// A question about the failures of an ended run: another may overtake it before its grid is ready.
    var failuresLeft: Question?
    /// Nil until this run has seen it.
    var folder: SessionFolder?
    /// What the folders of its grids were when they were first looked at, by their paths.
    var innerFolders: [String: SessionFolder] = [:]
    /// Another run may have had the microscope since this session's last one, until this one has loaded a grid itself.
    private(set) var othersMayHaveLoaded: Bool
    /// Squares that were mapped before their grid was loaded again, and that this run has found again: after which match of the grid.
    var foundAgain: [TargetID: Timestamp] = [:]
    /// How often the store could not be written since the last exposure that it took.
    var storeFailures = 0
    var troubleSince: Timestamp?

    struct Decision {
        let prompt: Prompt
        let answer: Prompt.Answer
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { parts.executor.asUnownedSerialExecutor() }

    init(
        _ session: SessionID, startedBy: String, number: Int, parts: EngineParts, journal: Journal, lock: ScopeLock,
        pipeline: ProcessingPipeline, disks: DiskMonitor, bell: RunBell, folder: SessionFolder?, followsOwnRun: Bool
    ) {
        othersMayHaveLoaded = !followsOwnRun
        self.session = session
        self.startedBy = startedBy
        self.number = number
        self.parts = parts
        self.journal = journal
        self.lock = lock
        self.pipeline = pipeline
        self.disks = disks
        self.bell = bell
        self.folder = folder
        changes = bell.changes
        files = StopHearingFiles(files: parts.files, bell: bell, clock: parts.clock)
    }

    func noteOwnLoad() { othersMayHaveLoaded = false }

    var settings: EngineSettings { parts.settings }
    /// A stop is heard while their disk says nothing.
    nonisolated let files: any RunFiles
    var finder: any TargetFinder { parts.finder }
    func now() -> Timestamp { parts.now() }
    nonisolated var clock: any Clock<Duration> { parts.clock }

    /// Nil for a recipe that the facility does not have any more.
    func recipe(_ name: String) -> Recipe? { parts.recipes[name] }

    /// Where a file of this session lies, absolute.
    func path(of file: String) throws(RunEnd) -> String { files.path("\(try known().session.directory)/\(file)") }

    /// What is begun now.
    func note(_ act: String) { parts.activity.begin("\(act), in session \(session)") }

    // MARK: heard from the session's commands

    nonisolated var isStopAsked: Bool { bell.stop != nil }

    func hearAnswer(_ answer: Decision?) {
        decision = answer
        changes.signal()
    }

    /// Nothing but its own steps leaves a grid for this: what is settled between two grids concerns others as well.
    var isAbortAsked: Bool { imaging.map(aborted.contains) ?? false }

    func hearAbort(of grid: GridID) {
        aborted.insert(grid)
        changes.signal()
    }

    func begin(imaging grid: GridID) { imaging = grid }
    func endImaging() { imaging = nil }

    /// A grid that was aborted is closed, and the run goes on with the next.
    func close(_ grid: Grid) throws(RunEnd) {
        try record(
            GridClosing.aborting(try self.grid(grid.id), try known()),
            [LogLine(.info, "grid", "Grid \(grid.slot) \(grid.name) is closed as aborted")])
        aborted.remove(grid.id)
        // An answer that came just before is about a grid that has gone on to its end.
        if let answered = decision?.prompt, answered.grid == grid.id, answered.kind != .exposureUnknown { decision = nil }
    }

    /// Aborted, and not closed yet.
    func isAborting(_ grid: GridID) throws(RunEnd) -> Bool {
        try known().grids.contains { $0.grid.id == grid && $0.status == .stopping }
    }

    /// Where the run leaves what it was doing, if it has been told to end. From the first stop heard here on, the stop stands.
    func checkpoint() throws(RunEnd) {
        if Task.isCancelled { throw .cancelled }
        guard isStopAsked else {
            if isAbortAsked { throw .abort }
            return
        }
        if !isShuttingDown {
            isShuttingDown = true
            try noteShutdown()
        }
        throw .stop
    }

    /// A stop needs no store: what cannot be written now is written with the end of the run.
    private func noteShutdown() throws(RunEnd) {
        do throws(RunEnd) {
            try writeStop()
            try record([.shutdownBegan(Nothing())])
        } catch {
            guard case .store(let cause) = error, cause.mayPass else { throw error }
        }
    }

    /// A stop that was heard before it was written.
    func writeStop() throws(RunEnd) {
        guard let stop = bell.stop, !stop.isWritten else { return }
        let state = try known()
        // The store took it after it had said nothing for too long.
        if state.status == .stopping { return bell.noteStopWritten() }
        let prompt = state.prompt
        let line = LogLine(.info, "session", "Stop requested by \(stop.by). The run ends after the current acquisition.")
        let withdrawn = prompt.map { RunEvent.promptWithdrawn(PromptWithdrawn(id: $0.id, reason: "stop")) }
        do throws(StoreError) {
            try journal.recordNow(
                Entry(
                    session: session, events: [.stopReceived(Asked(by: stop.by))] + [withdrawn].compactMap(\.self),
                    lines: [LogEntry(log: .imaging, line: line)], command: stop.command))
        } catch {
            throw .store(error)
        }
        bell.noteStopWritten()
    }

    func forgetFailures(of grids: [GridID]) { failedGrids.subtract(grids) }

    /// A grid that cannot be imaged now: this run does not come back to it.
    func fail(_ grid: Grid, _ failure: Failure) throws(RunEnd) {
        // A target under way when the grid was given up is no longer begun: it waits in the queue, as all that was chosen does, for the next start.
        let begun = DoseLedger.requeueInterrupted(on: try self.grid(grid.id), try known(), engine: parts.settings)
        if !begun.isEmpty { try record(begun) }
        let news = GridFailed(grid: grid.id, sentence: failure.sentence, remedy: failure.remedy)
        try record(
            [.gridFailed(news)],
            [LogLine(.error, "grid", "Grid \(grid.slot) \(grid.name): \(failure.sentence) \(failure.remedy ?? "")")])
        // Once it is on record: a store that could not take it makes the grid be tried again.
        failedGrids.insert(grid.id)
        aborted.remove(grid.id)
    }
}
