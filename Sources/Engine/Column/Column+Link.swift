import Microscope
import RunModel

// Connecting, losing the link, and coming back.
extension Column {
    /// Once: whoever comes here again has held the run meanwhile, and says only that it goes on.
    func connect() async throws(RunEnd) {
        while true {
            try await run.checkpoint()
            do throws(RunEnd) {
                if hasEntered, !isConnected { try await comeBack() }
                if !isConnected { try await open() }
                try await sayUnsaid()
                // A stop that came meanwhile has moved the status already.
                try await run.checkpoint()
                try await run.clear(NoticeID.microscopeBusy)
                guard try await run.known().status == .starting else { return }
                try await run.record(
                    [.runMoved(RunMoved(status: .running))],
                    [LogLine(.info, "microscope", "Connected to \(try await run.known().microscope.name)")])
                return
            } catch {
                guard case .microscope(.busy) = error else { throw error }
                try await waitWhileBusy()
            }
        }
    }

    /// What is asked of the microscope next says whether it still is: the notice stays until then.
    func waitWhileBusy() async throws(RunEnd) {
        try await run.raise(
            NoticeID.microscopeBusy, .warn, "The microscope program is busy with another command.",
            "The run goes on when it has finished.")
        try await run.rest(run.settings.reconnectInterval)
    }

    private func open() async throws(RunEnd) {
        let greeting = "GridPilot: session \(try await run.known().session.name), started by \(run.startedBy)"
        try await ready()
        microscope.serve(run.session)
        try await enter(greeting)
        noteConnected()
    }

    /// Whose the microscope is, is read before anything else is asked of it. Nothing is written here: the valves must be closed also where no
    /// store takes a word.
    func enter(_ greeting: String) async throws(RunEnd) {
        let claim = try await held.lock.claim(of: held.number)
        let takesOver = hasEntered ? nil : await held.lock.takesOver(held.number)
        let elsewhere = hasEntered ? [:] : await held.lock.elsewhere()
        let entry: ClaimedMicroscope.Entry
        do throws(MicroscopeError) {
            entry = try await held.microscope.connect(
                greeting: greeting, as: claim, takingOver: takesOver, elsewhere: Set(elsewhere.keys), gate: held.gate.check)
        } catch {
            guard case .claimed(let other) = error else { throw held.gate.end(of: error) }
            if other.installation == claim.installation, let holder = elsewhere[other.session] {
                throw .lockLost(.underAnotherID(holder, reader: claim.group))
            }
            await held.lock.noteSeen(other)
            throw .lockLost(hasEntered ? .takenOver(other, reader: claim.group) : .claimed(other, reader: claim.group))
        }
        await held.lock.forgetSeenClaim()
        unsaid += lines(on: entry, claim).filter { !unsaid.contains($0) }
        hasEntered = true
        foundOwnClaim = entry.reading.isHeld(by: claim)
    }

    private func lines(on entry: ClaimedMicroscope.Entry, _ claim: ScopeClaim) -> [LogLine] {
        var lines: [LogLine] = []
        switch entry.reading {
        case .held(let other, _) where other.installation != claim.installation:
            lines.append(
                LogLine(
                    .warning, "lock",
                    "\(run.startedBy) took the microscope over from \(other.holder(for: claim.group)), who had been running a session "
                        + "since \(other.since)."))
        case .untold(let reason):
            lines.append(
                LogLine(.warning, "lock", "Nobody can tell whether another server holds this microscope: \(reason)."))
        case .none, .held, .over: break
        }
        if !entry.isKept, !hasEntered {
            lines.append(
                LogLine(
                    .warning, "lock",
                    "The microscope program keeps no variables, so other servers cannot see that this run holds it."))
        }
        return lines
    }

    func sayUnsaid() async throws(RunEnd) {
        guard !unsaid.isEmpty else { return }
        try await run.record([], unsaid)
        unsaid = []
    }

    /// Tries again until the microscope is back, a stop is heard, or the lock has gone.
    func reconnect(after cause: MicroscopeError) async throws(RunEnd) {
        noteLost(cause)
        try checkTruce(cause)
        try await run.record([], [LogLine(.error, "microscope", cause.explanation)])
        try await comeBack()
    }

    /// Whoever took the link twice in a row wants the microscope, and would be pushed out again and again.
    private func checkTruce(_ cause: MicroscopeError) throws(RunEnd) {
        if cause.mayBeReplaced, !held.microscope.mayReturn { throw .link(.displaced) }
    }

    /// The lock is taken anew before each try. Whoever comes here again has held the run meanwhile.
    private func comeBack() async throws(RunEnd) {
        let first = lost ?? .linkLost("and has not been opened again")
        try checkTruce(first)
        var cause = first
        var attempt = 0
        while true {
            attempt += 1
            // What was cut short by a stop below is no further try.
            try await run.checkpoint()
            try await raiseLost(cause, attempt)
            try await run.rest(run.settings.reconnectInterval)
            await microscope.disconnect()
            do throws(RunEnd) {
                try await retake(try await run.known().session)
                try await open()
                if first.mayBeReplaced, foundOwnClaim { held.microscope.noteReturn() }
                return try await sayBack(after: attempt)
            } catch {
                switch error {
                case .link(.operatorStopped): throw error
                case .link(let now), .microscope(let now): cause = now
                default: throw error
                }
            }
        }
    }

    /// The disk of the lock file may hang.
    private func retake(_ session: Session) async throws(RunEnd) {
        let taken: Result<Void, RunEnd> = await run.untilStopAsked { [held] in
            do throws(RunEnd) { return .success(try await held.lock.retake(held.number, session: session)) } catch {
                return .failure(error)
            }
        }
        try taken.get()
    }

    private func raiseLost(_ cause: MicroscopeError, _ attempt: Int) async throws(RunEnd) {
        let seconds = await run.settings.reconnectInterval.components.seconds
        try await run.raise(
            NoticeID.microscopeLost, .err, "Connection to the microscope lost.",
            "Trying again every \(seconds) s, attempt \(attempt). Nothing is being imaged. "
                + (cause.remedy ?? "Check that the microscope control program is running."))
    }

    private func sayBack(after tries: Int) async throws(RunEnd) {
        try await sayUnsaid()
        try await run.record(
            [.noticeCleared(NoticeCleared(id: NoticeID.microscopeLost))],
            [LogLine(.info, "microscope", "Microscope is back after \(tries) \(tries == 1 ? "try" : "tries")")])
    }
}
