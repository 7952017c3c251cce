import RunModel

// What people may ask of one grid of a session.
extension RunSession {
    /// At once: the exposure under way is finished, no other is begun on this grid, and the run goes on with the next. What was imaged stays.
    func abort(_ id: GridID, by person: String, command: CommandID) async throws(EngineError) {
        await waitForStart()
        let state = try state()
        let summary = try grid(id, state)
        let line = LogLine(.info, "grid", "\(person) aborted grid \(summary.grid.slot) \(summary.grid.name)")
        switch summary.status {
        case .loading, .running, .paused:
            guard let run else { throw .notRunning }
            try recordOutside(
                withdrawal(of: state.prompt, on: id) + [.gridMoved(GridMoved(grid: id, status: .stopping))], [line],
                command: command, afterwards: { run.hearAbort(of: id) })
            run.hearAbort(of: id)
        case .stopped:
            try recordOutside(
                withdrawal(of: state.prompt, on: id) + GridClosing.aborting(try journal.grid(id), state), [line],
                command: command)
        case .stopping: throw .grid(summary.grid, "is being aborted already")
        case .waiting, .failed: throw .grid(summary.grid, "is not being imaged: leave it out instead")
        case .completed, .aborted, .leftOut: throw .grid(summary.grid, "is closed already")
        }
    }

    /// No run comes to it. Its targets leave the queue.
    func leaveOut(_ id: GridID, by person: String, command: CommandID) throws(EngineError) {
        let state = try state()
        let summary = try grid(id, state)
        switch summary.status {
        case .waiting, .failed: break
        case .loading, .running, .paused, .stopping, .stopped: throw .grid(summary.grid, "has been begun: abort it instead")
        case .completed, .aborted, .leftOut: throw .grid(summary.grid, "is closed already")
        }
        try recordOutside(
            TargetQueue.dropping(state.queue, of: id, try journal.grid(id)) + [.gridMoved(GridMoved(grid: id, status: .leftOut))],
            [LogLine(.info, "grid", "\(person) left out grid \(summary.grid.slot) \(summary.grid.name)")], command: command)
        changes.signal()
    }

    /// The next run, or the one that lives, comes to a closed grid again. Its atlas and maps are kept, and nothing is exposed that is not queued.
    func takeUp(_ id: GridID, by person: String, command: CommandID) throws(EngineError) {
        let state = try state()
        let summary = try grid(id, state)
        guard !summary.status.isOpen else { throw .grid(summary.grid, "is open already") }
        try recordOutside(
            [.gridMoved(GridMoved(grid: id, status: .waiting))],
            [LogLine(.info, "grid", "\(person) took up grid \(summary.grid.slot) \(summary.grid.name) again")], command: command)
        changes.signal()
    }

    func grid(_ id: GridID, _ state: SessionState) throws(EngineError) -> GridSummary {
        guard let summary = state.grids.first(where: { $0.grid.id == id }) else { throw .unknown("grid", id: id.rawValue) }
        return summary
    }

    /// Whether an exposure was made is asked about whatever becomes of its grid.
    private func withdrawal(of prompt: Prompt?, on grid: GridID) -> [RunEvent] {
        guard let prompt, prompt.grid == grid, prompt.kind != .exposureUnknown else { return [] }
        return [.promptWithdrawn(PromptWithdrawn(id: prompt.id, reason: "abort"))]
    }
}

extension RunSession.Run {
    func hearAbort(of grid: GridID) { context.assumeIsolated { $0.hearAbort(of: grid) } }
}
