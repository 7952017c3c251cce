import RunModel
import Store

// Ending a run from outside, and the remedies for what is dirty.
extension RunSession {
    /// Everything of this session ends now: its command, its link, its jobs. Returns when the lock is free and the status true.
    /// `bell` was rung by the caller, before anything else.
    func forceKill(_ bell: RunBell?, by person: String, _ force: Force, command: CommandID) async throws(EngineError) {
        await waitForStart()
        let ending = RunBell.Ending.killed(by: person, force, command: command)
        if run?.bell.isClosed == true { await ended() }
        guard let run else {
            // Killed while the command was on its way here.
            if let bell, bell.isClosed, bell.ending == ending { return }
            return try await killWithoutRun(by: person, force, command: command)
        }
        run.bell.ringEnd(ending)
        await ended()
    }

    /// No run lives; a status that says otherwise is dirty.
    private func killWithoutRun(by person: String, _ force: Force, command: CommandID) async throws(EngineError) {
        if unwritten != nil {
            // How the last run ended is what there is to say, once it can be written.
            await writeUnwrittenNow()
            if unwritten == nil { return }
        }
        let state = try state()
        guard state.status.needsHolder else { throw .nothingToKill }
        try recordOutside(
            Recovery.leftGrids(state, reports(of: state)) + [.runKilled(RunKilled(by: person, found: ["No run was alive."]))]
                + freeing(try storedHolder()),
            [LogLine(.error, "session", "Force-killed by \(person). No run was alive.\(force.words)")], command: command)
        // What else the last run left: its lock file.
        await writeUnwrittenNow()
    }

    /// The server is shutting down: a soft stop first; what has not stopped by `deadline` is ended as interrupted.
    func shutDown(within deadline: Duration) async {
        isShutDown = true
        // A start that waits for a silent disk hears it, too.
        let rung = bells[id].map { RungStop(bell: $0, isFirst: $0.ringStop(by: "server", command: nil)) }
        await waitForStart()
        guard run != nil else { return }
        // Refused when it is stopping already, or the store is gone; then the end below is all that is left.
        try? await stop(rung, by: "server", command: nil)
        let timer = Timer(duration: deadline, clock: parts.clock)
        while run != nil, !timer.isOver { await timer.wait(orUntil: changes, after: changes.generation) }
        guard let run else { return }
        run.bell.ringEnd(.interrupted(cause: "The server was shut down."))
        await ended()
    }

    private func ended() async {
        while run != nil {
            let seen = changes.generation
            if run == nil { return }
            await changes.wait(after: seen)
            if Task.isCancelled { return }
        }
    }

    /// Says so when a stop takes longer than a person would expect.
    func watchSlowStop() {
        guard let number = run?.number else { return }
        spawn { [self] in await saySlowStop(of: number) }
    }

    private func saySlowStop(of number: Int) async {
        let timer = Timer(duration: parts.settings.slowStop, clock: parts.clock)
        while isStopping(number), !timer.isOver { await timer.wait(orUntil: changes, after: changes.generation) }
        guard isStopping(number) else { return }
        saySlowStop()
    }

    private func isStopping(_ number: Int) -> Bool { run?.number == number && run?.isStopAsked == true }

    private func saySlowStop() {
        // A store that cannot take this notice holds the run by itself.
        run?.context.assumeIsolated { context in
            try? context.raise(
                NoticeID.slowStop, .warn, "Stopping takes longer than usual.",
                "Waiting for the microscope to finish. Staff can force-kill.")
        }
    }
}
