import Microscope
import RunModel

// Connecting, losing the link, and coming back.
extension Column {
    /// Once: whoever comes here again has held the run meanwhile, and says only that it goes on.
    func connect() async throws(RunEnd) {
        while true {
            try await run.checkpoint()
            do throws(RunEnd) {
                if !isConnected { try await open() }
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
        isConnected = true
    }

    /// Whose the microscope is, is read before anything else is asked of it.
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
        try await say(entry, claim)
        hasEntered = true
        foundOwnClaim = entry.reading.isHeld(by: claim)
    }

    private func say(_ entry: ClaimedMicroscope.Entry, _ claim: ScopeClaim) async throws(RunEnd) {
        switch entry.reading {
        case .held(let other, _) where other.installation != claim.installation:
            try await run.log(
                .warning, "lock",
                "\(run.startedBy) took the microscope over from \(other.holder(for: claim.group)), who had been running a session since "
                    + "\(other.since).")
        case .untold(let reason):
            try await run.log(.warning, "lock", "Nobody can tell whether another server holds this microscope: \(reason).")
        case .none, .held, .over: break
        }
        guard !entry.isKept, !hasEntered else { return }
        try await run.log(
            .warning, "lock", "The microscope program keeps no variables, so other servers cannot see that this run holds it.")
    }

    /// Tries again until the microscope is back, a stop is heard, or the lock has gone. The lock is taken anew before each try.
    func reconnect(after cause: MicroscopeError) async throws(RunEnd) {
        forgetState()
        // Whoever took the link twice in a row wants the microscope, and would be pushed out again and again.
        let wasReplaced = cause.mayBeReplaced
        if wasReplaced, !held.microscope.mayReturn { throw .link(.displaced) }
        var cause = cause
        let interval = await run.settings.reconnectInterval
        try await run.record([], [LogLine(.error, "microscope", cause.explanation)])
        var attempt = 0
        while true {
            attempt += 1
            try await run.raise(
                NoticeID.microscopeLost, .err, "Connection to the microscope lost.",
                "Trying again every \(interval.components.seconds) s, attempt \(attempt). Nothing is being imaged. "
                    + (cause.remedy ?? "Check that the microscope control program is running."))
            try await run.rest(interval)
            await microscope.disconnect()
            do throws(RunEnd) {
                try await held.lock.retake(held.number, session: try await run.known().session)
                try await open()
                if wasReplaced, foundOwnClaim { held.microscope.noteReturn() }
                try await run.record(
                    [.noticeCleared(NoticeCleared(id: NoticeID.microscopeLost))],
                    [LogLine(.info, "microscope", "Microscope is back after \(attempt) \(attempt == 1 ? "try" : "tries")")])
                return
            } catch {
                switch error {
                case .link(.operatorStopped): throw error
                case .link(let now), .microscope(let now): cause = now
                default: throw error
                }
            }
        }
    }
}
