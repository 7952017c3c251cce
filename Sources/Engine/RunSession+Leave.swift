import Microscope
import RunModel

/// How the column was left.
struct ColumnLeft: Equatable {
    /// What was found and done, a sentence each.
    let found: [String]
    /// False when nobody can say that the valves are closed.
    let isSafe: Bool

    static let closed = ColumnLeft(found: ["Valves closed.", "Connection closed."], isSafe: true)
    static let silent = ColumnLeft(
        found: ["The microscope did not answer in time: check the column valves.", "Connection closed."], isSafe: false)
    static let foreign = ColumnLeft(found: ["The microscope belongs to another run and was left alone."], isSafe: true)
    /// Whoever presses STOP wants the microscope: nothing is closed under their hands.
    static let operators = ColumnLeft(found: ["The microscope was left to whoever pressed STOP."], isSafe: false)
}

// Leaving the column: valves first, in little time, whatever became of the run and its store.
extension RunSession {
    func leaveColumn(_ end: RunEnd?, _ scope: Scope) async -> ColumnLeft {
        if case .lockLost = end { return .foreign }
        if case .link(.operatorStopped)? = end {
            await scope.microscope.disconnect()
            return .operators
        }
        let deadlines = scope.microscope.leaveDeadlines
        if run?.ending == nil, run?.isConnected == true {
            let left = await outcome(within: deadlines.valves, Self.close, scope)
            if left == .done { await levelStage(scope) }
            if left != .undone {
                await scope.microscope.disconnect()
                return left == .done ? .closed : .operators
            }
        }
        // The link is gone, or belongs to a command that was cut: a new one closes the valves.
        await scope.microscope.disconnect()
        // Whoever force-kills wants the lock at once; an ordinary end has the time that the column needs.
        let time = run?.ending == nil ? deadlines.connect + deadlines.valves : parts.settings.killDeadline
        var left = await outcome(within: time, Self.reconnectAndClose, scope)
        // Ended harder meanwhile: what was cut gets a kill's own try.
        if left == .undone, time != parts.settings.killDeadline, run?.ending != nil {
            await scope.microscope.disconnect()
            left = await outcome(within: parts.settings.killDeadline, Self.reconnectAndClose, scope)
        }
        await scope.microscope.disconnect()
        return left == .done ? .closed : left == .stopped ? .operators : .silent
    }

    private static func close(_ scope: Scope) async throws(RunEnd) {
        try await scope.leave { microscope throws(MicroscopeError) in try await microscope.setValves(open: false) }
        // A shift that stays harms nothing: the next run begins with its own.
        try? await scope.leave { microscope throws(MicroscopeError) in try await microscope.setImageShift(.zero) }
    }

    /// Behind closed valves, and only where this run has tilted it: a stage that stays tilted is levelled by the next run.
    private func levelStage(_ scope: Scope) async {
        guard run?.tilt != 0, (try? state())?.session.settings.tiltAngle != 0 else { return }  // unreadable: level it all the same
        _ = await outcome(within: scope.microscope.leaveDeadlines.level, Self.level, scope)
    }

    private static func level(_ scope: Scope) async throws(RunEnd) {
        try await scope.leave { microscope throws(MicroscopeError) in try await microscope.tilt(to: 0) }
    }

    private static func reconnectAndClose(_ scope: Scope) async throws(RunEnd) {
        try await scope.leave { microscope throws(MicroscopeError) in
            try await microscope.connect(greeting: "GridPilot: closing the valves")
        }
        try await scope.leave { microscope throws(MicroscopeError) in try await microscope.setValves(open: false) }
    }

    private enum Outcome {
        case done, undone
        /// Somebody pressed STOP meanwhile.
        case stopped
    }

    /// What became of the work before its time is over and before somebody ends the run harder; what is not done then is cancelled.
    private func outcome(
        within limit: Duration, _ work: @escaping @Sendable (Scope) async throws(RunEnd) -> Void, _ scope: Scope
    ) async -> Outcome {
        let clock = parts.clock
        let kill = run?.ending == nil ? run?.kill : nil
        return await withTaskGroup(of: Outcome.self) { group in
            group.addTask {
                do throws(RunEnd) { try await work(scope) } catch {
                    if case .link(.operatorStopped) = error { return .stopped }
                    return .undone
                }
                return .done
            }
            group.addTask {
                try? await clock.sleep(for: limit)  // cancelled is over
                return .undone
            }
            if let kill {
                group.addTask {
                    await kill.wait(after: 0)
                    return .undone
                }
            }
            let first = await group.next() ?? .undone
            group.cancelAll()
            return first
        }
    }
}
