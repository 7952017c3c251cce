import Microscope
import RunModel
import Store

// How a run ends: the column left safe, the lock given back, a true status, in one entry.
extension RunSession {
    func finish(_ end: RunEnd?, _ scope: Scope) async {
        let found = await leaveColumn(end, scope)
        await pipeline.endJobs(of: run?.ending == nil ? nil : id)
        let closing = closingEntry(end, found: found)
        do throws(StoreError) {
            try await lock.release(scope.number, closing: closing, reason: "run ended")
        } catch {
            // The store did not take the run's last words: what it says of the run has no holder from here on, and so reads interrupted.
            journal.reread(id)
        }
        run = nil
        bell.ring()
    }

    /// What was found and done at the column, a sentence each.
    private func leaveColumn(_ end: RunEnd?, _ scope: Scope) async -> [String] {
        if case .lockLost = end { return ["The microscope belongs to another run and was left alone."] }
        if run?.ending != nil { return await closeInHaste(scope) }
        if run?.isConnected == true, await isDone(within: parts.settings.killDeadline * 40, { await Self.makeSafe(scope) }) {
            await scope.microscope.disconnect()
            return ["Valves closed.", "Connection closed."]
        }
        await scope.microscope.disconnect()
        return ["The microscope did not answer; check the column valves.", "Connection closed."]
    }

    /// Force-kill: the link of the command that was cut is gone; a new one closes the valves, if the microscope answers in time.
    private func closeInHaste(_ scope: Scope) async -> [String] {
        await scope.microscope.disconnect()
        let closed = await isDone(within: parts.settings.killDeadline) {
            do throws(RunEnd) {
                try await scope.command { microscope throws(MicroscopeError) in
                    try await microscope.connect(greeting: "GridPilot: closing the valves after a force-kill")
                    try await microscope.setValves(open: false)
                }
                return true
            } catch {
                return false
            }
        }
        await scope.microscope.disconnect()
        let valves = closed ? "Valves closed." : "The microscope did not answer in time: check the column valves."
        return [valves, "Connection closed.", "Lock freed."]
    }

    private static func makeSafe(_ scope: Scope) async -> Bool {
        do throws(RunEnd) {
            try await scope.command { microscope throws(MicroscopeError) in
                try await microscope.setImageShift(.zero)
                try await microscope.setValves(open: false)
            }
            return true
        } catch {
            return false
        }
    }

    /// Whether some work says true before its time is over; what has not finished then is cancelled.
    private func isDone(within limit: Duration, _ work: @escaping @Sendable () async -> Bool) async -> Bool {
        let clock = parts.clock
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask { await work() }
            group.addTask {
                try? await clock.sleep(for: limit)  // cancelled is over
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }

    private func closingEntry(_ end: RunEnd?, found: [String]) -> Entry {
        guard let state = try? state() else { return Entry(session: id) }  // unreadable: there is nothing true to add
        var entry = Entry(session: id)
        entry.events = state.prompt.map { withdrawal($0) } ?? []
        if let grid = state.current { entry.events += (try? interruptedTargets(on: grid, state)) ?? [] }  // unreadable: the next start does it
        entry.events += Recovery.stoppedGrids(state)
        let (event, line) = lastWords(end, found: found, state)
        entry.events.append(event)
        entry.lines = [LogEntry(log: .imaging, line: line)]
        if case .killed(_, let command)? = run?.ending { entry.command = command }
        return entry
    }

    private func withdrawal(_ prompt: Prompt) -> [RunEvent] {
        // An exposure that nobody can tell about stays a question over a restart of the server.
        if prompt.kind == .exposureUnknown, case .interrupted? = run?.ending { return [] }
        return [.promptWithdrawn(PromptWithdrawn(id: prompt.id, reason: "run ended"))]
    }

    private func lastWords(_ end: RunEnd?, found: [String], _ state: SessionState) -> (RunEvent, LogLine) {
        switch (run?.ending, end) {
        case (.killed(let person, _)?, _):
            return (
                .runKilled(RunKilled(by: person, found: found)),
                LogLine(.error, "session", "Force-killed by \(person). \(found.joined(separator: " "))")
            )
        case (.interrupted(let cause)?, _):
            let news = RunInterrupted(
                grid: state.current, target: state.target, micrograph: state.exposure?.micrograph, cause: cause)
            return (.runInterrupted(news), LogLine(.error, "session", "Interrupted. \(cause)"))
        case (nil, nil) where state.grids.allSatisfy({ $0.status != .completed }):
            let problem = state.grids.lazy.compactMap(\.problem).first ?? "No grid could be imaged."
            return (
                .runFailed(
                    Failure(
                        code: "run.noGrid", sentence: "No grid could be imaged. \(problem)", remedy: "Press Start to try again.")),
                LogLine(.error, "session", "No grid could be imaged")
            )
        case (nil, nil):
            return (.runCompleted(summary(state)), LogLine(.info, "session", "Session complete"))
        case (nil, .stop?):
            let by = state.stop?.by ?? state.session.createdBy
            return (.runStopped(Asked(by: by)), LogLine(.info, "session", "Stopped, as asked by \(by)"))
        case (nil, let cause?):
            let failure = cause.failure
            return (.runFailed(failure), LogLine(.error, "session", "\(failure.sentence) \(failure.remedy ?? "")"))
        }
    }

    private func summary(_ state: SessionState) -> RunCompleted {
        RunCompleted(
            gridsCompleted: state.grids.count { $0.status == .completed }, grids: state.grids.count,
            images: state.grids.reduce(0) { $0 + $1.images },
            seconds: parts.now().seconds(since: run?.startedAt ?? parts.now()))
    }
}
