import RunModel

// Questions that the run waits on.
extension RunSession {
    /// Raises a prompt, or takes up the one that outlived a restart, and waits for the answer that settles it.
    func ask(_ kind: Prompt.Kind, grid: GridID, micrograph: MicrographID? = nil) async throws(RunEnd) -> Prompt.Answer {
        while true {
            try checkpoint()
            if let answer = takeDecision(kind, grid: grid, micrograph: micrograph) { return answer }
            try raise(kind, grid: grid, micrograph: micrograph)
            // A stop withdraws the prompt; where it was taken back before it was heard here, the question is asked anew.
            try await wait { [self] in run?.decision != nil || (try? state())?.prompt == nil }  // unreadable: asking anew says so
            try record(resuming(try known(), grid: grid))
        }
    }

    /// An answer to this question that has come already.
    func takeDecision(_ kind: Prompt.Kind, grid: GridID, micrograph: MicrographID? = nil) -> Prompt.Answer? {
        guard let decision = run?.decision, decision.prompt.asks(kind, grid, micrograph) else { return nil }
        run?.decision = nil
        return decision.answer
    }

    private func raise(_ kind: Prompt.Kind, grid: GridID, micrograph: MicrographID?) throws(RunEnd) {
        let state = try known()
        run?.decision = nil
        var events = pausing(state, grid: grid)
        if state.prompt?.asks(kind, grid, micrograph) != true {
            if let open = state.prompt { events.append(.promptWithdrawn(PromptWithdrawn(id: open.id, reason: "overtaken"))) }
            events.append(.promptRaised(prompt(kind, grid: grid, micrograph: micrograph, state)))
        }
        try record(events, [LogLine(.warning, "prompt", kind.wording)])
    }

    private func prompt(_ kind: Prompt.Kind, grid: GridID, micrograph: MicrographID?, _ state: SessionState) -> Prompt {
        let failed = run?.failedGrids ?? []
        let next = state.grids.first { $0.status != .completed && $0.grid.id != grid && !failed.contains($0.grid.id) }
        return Prompt(
            id: PromptID(unchecked: parts.newID()), kind: kind, grid: grid, micrograph: micrograph, queued: state.queue.waiting,
            last: next == nil, nextGrid: next?.grid.id, raisedAt: parts.now())
    }

    private func pausing(_ state: SessionState, grid: GridID) -> [RunEvent] {
        var events: [RunEvent] = state.status == .running ? [.runMoved(RunMoved(status: .paused))] : []
        if state.grids.contains(where: { $0.grid.id == grid && $0.status == .running }) {
            events.append(.gridMoved(GridMoved(grid: grid, status: .paused)))
        }
        return events
    }

    private func resuming(_ state: SessionState, grid: GridID) -> [RunEvent] {
        var events: [RunEvent] = state.status == .paused ? [.runMoved(RunMoved(status: .running))] : []
        if state.grids.contains(where: { $0.grid.id == grid && $0.status == .paused }) {
            events.append(.gridMoved(GridMoved(grid: grid, status: .running)))
        }
        return events
    }
}

extension Prompt {
    fileprivate func asks(_ kind: Kind, _ grid: GridID, _ micrograph: MicrographID?) -> Bool {
        self.kind == kind && self.grid == grid && self.micrograph == micrograph
    }
}

extension Prompt.Kind {
    fileprivate var wording: String {
        switch self {
        case .gridFinished: "The grid is finished. Waiting for an answer: continue, or proceed to the next grid."
        case .exposureUnknown: "Nobody can tell whether an exposure was made. Waiting for an answer: take it again, or leave it."
        case .diskFull: "Disk full. The run waits until space is freed and somebody continues it."
        case .cassetteChanged: "The cassette has changed. Waiting for an answer: load the cartridge, or skip the grid."
        }
    }
}
