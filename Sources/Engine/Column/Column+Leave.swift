import Microscope
import RunModel

// Leaving the column: valves first, within the microscope's own deadlines, whatever became of the run and its store.
extension Column {
    /// `kill` is set when somebody force-kills the run, before this or meanwhile; from then on there is only `killDeadline`.
    func leave(after end: RunEnd?, kill: Latch, clock: any Clock<Duration>, killDeadline: Duration) async -> ColumnLeft {
        held.microscope.leave()
        await held.watch.end(unless: kill, clock: clock)
        held.gate.leave()
        let patience = Patience(kill: kill, clock: clock)
        switch end {
        case .lockLost(let cause): return .foreign(cause)
        case .link(.operatorStopped):
            await sayGoodbye(patience, killDeadline)
            return .operators
        case .link(.displaced):
            await sayGoodbye(patience, killDeadline)
            return .displaced
        default: break
        }
        if !kill.isSet, isConnected {
            let left = await patience.outcome(within: microscope.leaveDeadlines.valves, close)
            if left == .done { await levelStage(patience) }
            if left != .undone {
                await sayGoodbye(patience, killDeadline)
                return left.asLeft
            }
        }
        return await leaveOverNewLink(patience, killDeadline)
    }

    /// The link is gone, or belongs to a command that was cut: a new one closes the valves.
    private func leaveOverNewLink(_ patience: Patience, _ killDeadline: Duration) async -> ColumnLeft {
        let deadlines = microscope.leaveDeadlines
        // The claim stays until the valves are closed.
        await held.microscope.hangUp()
        // Whoever force-kills wants the lock at once; an ordinary end has the time that the column needs.
        let isOrdinary = !patience.kill.isSet
        var left = await patience.outcome(
            within: isOrdinary ? deadlines.connect + deadlines.valves : killDeadline, reconnectAndClose)
        if left == .undone, isOrdinary, patience.kill.isSet {
            // A force-kill came while this was under way and cut it short: it gets one more try, as after any force-kill.
            await held.microscope.hangUp()
            left = await patience.outcome(within: killDeadline, reconnectAndClose)
        }
        await sayGoodbye(patience, killDeadline)
        // After the valves: what the store does not take now is of no use to a run that has ended.
        try? await sayUnsaid()
        return left.asLeft
    }

    /// Takes the claim away and closes the link. One that is not answered is closed all the same, and the claim ends by itself.
    private func sayGoodbye(_ patience: Patience, _ killDeadline: Duration) async {
        let limit = patience.kill.isSet ? killDeadline : microscope.leaveDeadlines.valves
        _ = await patience.outcome(within: limit) { [microscope] in await microscope.disconnect() }
    }

    func close() async throws(RunEnd) {
        try await held.checkToLeave()
        do { try await microscope.setValves(open: false) } catch { throw held.gate.end(of: error) }
        // A shift that stays harms nothing: the next run begins with its own.
        guard (try? await held.checkToLeave()) != nil else { return }
        try? await microscope.setImageShift(.zero)
    }

    /// Behind closed valves, and only where this run has tilted it: a stage that stays tilted is levelled by the next run.
    private func levelStage(_ patience: Patience) async {
        // Unreadable: level it all the same.
        guard tilt != 0, (try? await run.known())?.session.settings.tiltAngle != 0 else { return }
        _ = await patience.outcome(within: microscope.leaveDeadlines.level, level)
    }

    private func level() async throws(RunEnd) {
        try await held.checkToLeave()
        do { try await microscope.tilt(to: 0) } catch { throw held.gate.end(of: error) }
    }

    func reconnectAndClose() async throws(RunEnd) {
        try await held.checkToLeave()
        try await enter("GridPilot: closing the valves")
        try await held.checkToLeave()
        do { try await microscope.setValves(open: false) } catch { throw held.gate.end(of: error) }
    }
}
