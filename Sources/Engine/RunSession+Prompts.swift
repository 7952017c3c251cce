import RunModel

// Questions that the run waits on.
extension RunSession {
    /// Raises a prompt, or takes up the one that outlived a restart, and waits for the answer that settles it.
    func ask(_ question: Question) async throws(RunEnd) -> Prompt.Answer {
        while true {
            try checkpoint()
            if let answer = takeDecision(question) { return answer }
            try raise(question)
            // A stop withdraws the prompt; where it was taken back before it was heard here, the question is asked anew.
            try await wait { [self] in run?.decision != nil || (try? state())?.prompt == nil }  // unreadable: asking anew says so
            try record(resuming(try known(), grid: question.grid))
        }
    }

    /// An answer to this question that has come already.
    func takeDecision(_ question: Question) -> Prompt.Answer? {
        guard let decision = run?.decision, question.isAsked(by: decision.prompt) else { return nil }
        run?.decision = nil
        return decision.answer
    }

    func raise(_ question: Question) throws(RunEnd) {
        let state = try known()
        run?.decision = nil
        var events = pausing(state, grid: question.grid)
        if !(state.prompt.map(question.isAsked) ?? false) {
            if let open = state.prompt { events.append(.promptWithdrawn(PromptWithdrawn(id: open.id, reason: "overtaken"))) }
            events.append(.promptRaised(prompt(question, state)))
        }
        try record(events, [LogLine(.warning, "prompt", question.kind.wording)])
    }

    private func prompt(_ question: Question, _ state: SessionState) -> Prompt {
        let failed = run?.failedGrids ?? []
        let next = state.grids.first { $0.status != .completed && $0.grid.id != question.grid && !failed.contains($0.grid.id) }
        var prompt = Prompt(
            id: PromptID(unchecked: parts.newID()), kind: question.kind, grid: question.grid, micrograph: question.micrograph,
            queued: state.queue.waiting, last: next == nil, nextGrid: next?.grid.id, raisedAt: parts.now())
        prompt.cassette = question.cassette
        prompt.cause = question.cause
        return prompt
    }

    private func pausing(_ state: SessionState, grid: GridID) -> [RunEvent] {
        var events: [RunEvent] = state.status == .running ? [.runMoved(RunMoved(status: .paused))] : []
        if state.grids.contains(where: { $0.grid.id == grid && $0.status == .running }) {
            events.append(.gridMoved(GridMoved(grid: grid, status: .paused)))
        }
        return events
    }

    func resuming(_ state: SessionState, grid: GridID) -> [RunEvent] {
        var events: [RunEvent] = state.status == .paused ? [.runMoved(RunMoved(status: .running))] : []
        if state.grids.contains(where: { $0.grid.id == grid && $0.status == .paused }) {
            events.append(.gridMoved(GridMoved(grid: grid, status: .running)))
        }
        return events
    }
}

/// What a run wants to know of a person.
struct Question {
    let kind: Prompt.Kind
    let grid: GridID
    let micrograph: MicrographID?
    let cassette: ChangedCassette?
    let cause: String?

    init(
        _ kind: Prompt.Kind, grid: GridID, micrograph: MicrographID? = nil, cassette: ChangedCassette? = nil,
        cause: String? = nil
    ) {
        self.kind = kind
        self.grid = grid
        self.micrograph = micrograph
        self.cassette = cassette
        self.cause = cause
    }

    /// An answer to another change of the cassette is no answer to this one.
    func isAsked(by prompt: Prompt) -> Bool {
        prompt.kind == kind && prompt.grid == grid && prompt.micrograph == micrograph && prompt.cassette == cassette
    }
}

extension Prompt.Kind {
    fileprivate var wording: String {
        switch self {
        case .gridFinished: "The grid is finished. Waiting for an answer: continue, or proceed to the next grid."
        case .exposureUnknown: "Nobody can tell whether an exposure was made. Waiting for an answer: take it again, or leave it."
        case .diskFull: "Disk full. The run waits until space is freed and somebody continues it."
        case .diskSilent: "A disk cannot be measured. The run waits until it can, or until somebody has it looked at again."
        case .cassetteChanged: "The cassette has changed. Waiting for an answer: load the cartridge, or skip the grid."
        case .imagesSuspect: "The images are doubted. The run waits until somebody has looked and continues it."
        }
    }
}
