import Microscope
import RunModel

// Leaving the column: valves first, within the microscope's own deadlines, whatever became of the run and its store.
extension Column {
    /// `kill` is set when somebody force-kills the run, before this or meanwhile; from then on there is only `killDeadline`.
    func leave(after end: RunEnd?, kill: Latch, clock: any Clock<Duration>, killDeadline: Duration) async -> ColumnLeft {
        await held.watch.end()
        held.gate.leave()
        switch end {
        case .lockLost(let cause): return .foreign(cause)
        case .link(.operatorStopped):
            await microscope.disconnect()
            return .operators
        case .link(.displaced):
            await microscope.disconnect()
            return .displaced
        default: break
        }
        let patience = Patience(kill: kill, clock: clock)
        let deadlines = microscope.leaveDeadlines
        if !kill.isSet, isConnected {
            let left = await patience.outcome(within: deadlines.valves, close)
            if left == .done { await levelStage(patience) }
            if left != .undone {
                await microscope.disconnect()
                return left.asLeft
            }
        }
        // The link is gone, or belongs to a command that was cut: a new one closes the valves.
        await microscope.disconnect()
        // Whoever force-kills wants the lock at once; an ordinary end has the time that the column needs.
        let isOrdinary = !kill.isSet
        var left = await patience.outcome(
            within: isOrdinary ? deadlines.connect + deadlines.valves : killDeadline, reconnectAndClose)
        if left == .undone, isOrdinary, kill.isSet {
            // A force-kill came while this was under way and cut it short: it gets one more try, as after any force-kill.
            await microscope.disconnect()
            left = await patience.outcome(within: killDeadline, reconnectAndClose)
        }
        await microscope.disconnect()
        return left.asLeft
    }

    private func close() async throws(RunEnd) {
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

    private func reconnectAndClose() async throws(RunEnd) {
        try await held.checkToLeave()
        try await enter("GridPilot: closing the valves")
        try await held.checkToLeave()
        do { try await microscope.setValves(open: false) } catch { throw held.gate.end(of: error) }
    }
}

/// Work that is cut off when its time is over, or when somebody ends the run harder.
private struct Patience {
    enum Outcome: Equatable {
        case done, undone
        /// Somebody pressed STOP meanwhile.
        case stopped
        /// The microscope went to another run.
        case foreign(ScopeLockError)

        var asLeft: ColumnLeft {
            switch self {
            case .done: .closed
            case .undone: .silent
            case .stopped: .operators
            case .foreign(let cause): .foreign(cause)
            }
        }
    }
    let kill: Latch
    let clock: any Clock<Duration>

    func outcome(within limit: Duration, _ work: @escaping @Sendable () async throws(RunEnd) -> Void) async -> Outcome {
        let (clock, kill) = (clock, kill.isSet ? nil : kill)
        return await withTaskGroup(of: Outcome.self) { group in
            group.addTask {
                do throws(RunEnd) { try await work() } catch {
                    return switch error {
                    case .link(.operatorStopped): .stopped
                    case .lockLost(let cause): .foreign(cause)
                    default: .undone
                    }
                }
                return .done
            }
            group.addTask {
                try? await clock.sleep(for: limit)  // cancelled is over
                return .undone
            }
            if let kill {
                group.addTask {
                    await kill.wait()
                    return .undone
                }
            }
            let first = await group.next() ?? .undone
            group.cancelAll()
            return first
        }
    }
}
