import RunModel
import Store

// What people ask of the engine. Each call returns when the command is accepted or refused; what comes of it is told as events.
extension Engine {
    /// Refused, without touching the microscope, while another run holds it.
    public func start(
        _ id: SessionID, by person: String, forced: Bool = false, reason: String? = nil, command: CommandID
    ) async throws(EngineError) {
        await untilReady()
        try await session(id, for: "a start").start(by: person, force: forced ? Force(reason: reason) : nil, command: command)
    }

    /// Heard by the run at once, and written afterwards: it waits neither for the engine nor for a disk.
    public nonisolated func stop(_ id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        let rung = bells[id].map { RungStop(bell: $0, isFirst: $0.ringStop(by: person, command: command)) }
        if rung != nil { parts.caller?.hurry(for: id) }
        try await session(id, for: "a stop").stop(rung, by: person, command: command)
    }

    public func cancelStop(_ id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        try await session(id, for: "the taking back of a stop").cancelStop(by: person, command: command)
    }

    public func setPauseBetweenGrids(_ enabled: Bool, _ id: SessionID, by person: String, command: CommandID)
        async throws(EngineError)
    {
        try await session(id, for: "a pause between grids").setPauseBetweenGrids(enabled, by: person, command: command)
    }

    public func setPlan(_ plan: SessionPlan, _ id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        try await session(id, for: "a change of the plan").setPlan(plan, by: person, command: command)
    }

    /// `answer` is one of the prompt's answers; the first one wins.
    public func answer(
        _ prompt: PromptID, of id: SessionID, with answer: String, seeing version: Int? = nil, by person: String,
        command: CommandID
    ) async throws(EngineError) {
        try await session(id, for: "an answer").answer(prompt, with: answer, seeing: version, by: person, command: command)
    }

    /// Closes a grid that is being imaged, or was, and goes on with the next.
    public func abort(_ grid: GridID, of id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        try await session(id, for: "the abort of a grid").abort(grid, by: person, command: command)
    }

    /// No run comes to this grid until somebody takes it up again.
    public func leaveOut(_ grid: GridID, of id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        try await session(id, for: "the leaving out of a grid").leaveOut(grid, by: person, command: command)
    }

    /// Opens a grid that was closed.
    public func takeUp(_ grid: GridID, of id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        try await session(id, for: "the taking up of a grid").takeUp(grid, by: person, command: command)
    }

    /// Counts from the next item on. `seen`: the settings that were changed into `wanted`.
    public func changeSettings(
        from seen: GridSettings, to wanted: GridSettings, of id: SessionID, by person: String, command: CommandID
    ) async throws(EngineError) {
        try await session(id, for: "a change of the settings").changeSettings(
            from: seen, to: wanted, by: person, command: command)
    }

    /// Out of the lists, or back into them; refused while a run lives.
    public func archive(_ archived: Bool, _ id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        try await session(id, for: "the archive").archive(archived, by: person, command: command)
    }

    /// Runs come to it after the grids that are there.
    public func add(_ grid: Grid, to id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        try await session(id, for: "a new grid").add(grid, by: person, command: command)
    }

    /// `grid` is whole; its slot stays.
    public func change(_ grid: Grid, of id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        try await session(id, for: "a change of a grid").change(grid, by: person, command: command)
    }

    /// `order` names every grid once.
    public func order(_ order: [GridID], of id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        try await session(id, for: "an order of the grids").order(order, by: person, command: command)
    }

    /// Quality and notes.
    public func note(_ noting: GridNoting, on grid: GridID, by person: String, command: CommandID) async throws(EngineError) {
        try await session(grid.session, for: "a note").note(noting, on: grid, by: person, command: command)
    }

    /// Nil takes the rating away.
    public func rate(
        _ micrograph: MicrographID, _ rating: ImageRating?, by person: String, command: CommandID
    ) async throws(EngineError) {
        try await session(micrograph.session, for: "a rating").rate(micrograph, rating, by: person, command: command)
    }

    /// All or nothing.
    public func edit(_ edit: QueueEdit, of id: SessionID, by person: String, command: CommandID) async throws(EngineError) {
        let session = try session(id, for: "an edit of the queue")
        // The queue signals the session's condition: a run that began meanwhile must be waiting on that same one.
        defer { withExtendedLifetime(session) {} }
        try await session.queue.edit(edit, by: person, command: command)
    }

    /// Ends everything of a session at once. Returns when the lock is free and the status true.
    public nonisolated func forceKill(
        _ id: SessionID, by person: String, reason: String? = nil, command: CommandID
    ) async throws(EngineError) {
        let (bell, force) = (bells[id], Force(reason: reason))
        bell?.ringEnd(.killed(by: person, force, command: command))
        if bell != nil { parts.caller?.hurry(for: id) }
        try await session(id, for: "a force-kill").forceKill(bell, by: person, force, command: command)
    }

    /// Frees a microscope whose holder is gone; refused while a living run holds it. The log of the session that held it says by whom and why.
    public func removeLock(
        of microscope: MicroscopeID, by person: String = "staff", reason: String? = nil, command: CommandID? = nil
    ) async throws(EngineError) {
        await untilReady()
        try await lock(of: microscope).removeByStaff(person, Force(reason: reason), command: command)
    }

    /// Makes a session with its grids, and its folder, which is its own from then on. Everything has been checked by the caller but what only the
    /// store and the disk know. A store that refuses leaves an empty folder behind, marked for a session that never was.
    public func create(_ created: SessionCreated) async throws(EngineError) {
        for grid in created.grids where parts.recipes[grid.recipe] == nil {
            throw .recipe("Grid \(grid.slot) asks for the recipe '\(grid.recipe)', which this facility does not have.")
        }
        let session = created.session
        try await inTurn(of: session) { [self] () throws(EngineError) in
            // Before the folder is touched: it may be that of the session which has the name.
            if let other = try journal.asking({ store throws(StoreError) in try store.taken(by: session) }) {
                throw .store(.nameTaken(name: other, group: session.group))
            }
            do throws(RunFileError) {
                _ = try await parts.files.takeFolder(
                    session.directory, for: FolderOwner(session, store: journal.store.identity), .new)
            } catch {
                throw .files(error)
            }
            try record(created)
        }
    }

    private func record(_ created: SessionCreated) throws(EngineError) {
        let line = LogLine(.info, "session", "Session \(created.session.name) made by \(created.session.createdBy)")
        do throws(StoreError) {
            try journal.recordNow(
                Entry(
                    session: created.session.id, events: [.sessionCreated(created)],
                    lines: [LogEntry(log: .imaging, line: line)]))
        } catch {
            throw .store(error)
        }
    }

    /// One at a time makes a session of this name: two would mark one folder, each for its own.
    private func inTurn(
        of session: Session, _ work: () async throws(EngineError) -> Void
    ) async throws(EngineError) {
        let name = "\(session.group)/\(session.name)".lowercased()
        while beingMade.contains(name) {
            let seen = made.generation
            await made.wait(after: seen)
            if Task.isCancelled { throw .shuttingDown }
        }
        beingMade.insert(name)
        defer {
            beingMade.remove(name)
            made.signal()
        }
        try await work()
    }
}
