import RunModel

// Questions that the run waits on. What each kind asks and what its answers do is in `PromptTable`.
extension RunContext {
    /// Raises a prompt, or takes up the one that outlived a restart, and waits for the answer that settles it.
    func ask(_ question: Question) async throws(RunEnd) -> PromptEffect {
        while true {
            try checkpoint()
            if let effect = takeAnswer(to: question) { return effect }
            try raise(question)
            // A stop withdraws the prompt; where it was taken back before it was heard here, the question is asked anew.
            try await wait { isAnswered(question) || (try? known())?.prompt == nil }  // unreadable: asking anew says so
            try record(resuming(try known(), grid: question.grid))
        }
    }

    func isAnswered(_ question: Question?) -> Bool {
        guard let question, let decision else { return false }
        return question.isAsked(by: decision.prompt)
    }

    /// What an answer to this question that has come already is to do.
    func takeAnswer(to question: Question) -> PromptEffect? {
        guard let decision, question.isAsked(by: decision.prompt) else { return nil }
        self.decision = nil
        return decision.prompt.kind.row.effect(of: decision.answer, inRun: true)
    }

    /// Who chose to skip a grid before anybody asked, whatever the question was.
    func takeSkip(of grid: GridID) throws(RunEnd) -> String? {
        guard let decision, decision.prompt.grid == grid,
            decision.prompt.kind.row.effect(of: decision.answer, inRun: true) == .skipGrid
        else { return nil }
        self.decision = nil
        return try known().lastAnswer?.by ?? "somebody"
    }

    /// A question from before that has lost its cause, and an answer to it that nobody waits for: a later one of its kind would take it.
    func withdraw(_ kind: Prompt.Kind, because reason: String) throws(RunEnd) {
        try withdraw(because: reason) { $0.kind == kind }
    }

    /// The same for one exposure, of which nobody needs to be asked any more.
    func withdrawQuestion(about micrograph: MicrographID, because reason: String) throws(RunEnd) {
        try withdraw(because: reason) { $0.micrograph == micrograph }
    }

    private func withdraw(because reason: String, _ fits: (Prompt) -> Bool) throws(RunEnd) {
        if let answered = decision?.prompt, fits(answered) { decision = nil }
        guard let prompt = try known().prompt, fits(prompt) else { return }
        try record([.promptWithdrawn(PromptWithdrawn(id: prompt.id, reason: reason))])
    }

    /// Asks without waiting. A prompt that asks the same stays as it is.
    func raise(_ question: Question) throws(RunEnd) {
        let state = try known()
        // An answer to another question waits for its own step to ask.
        if isAnswered(question) { decision = nil }
        var events = pausing(state, grid: question.grid)
        if !(state.prompt.map(question.isAsked) ?? false) {
            if let open = state.prompt { events.append(.promptWithdrawn(PromptWithdrawn(id: open.id, reason: "overtaken"))) }
            events.append(.promptRaised(prompt(question, state)))
        }
        try record(events, [LogLine(.warning, "prompt", question.kind.row.question)])
    }

    private func prompt(_ question: Question, _ state: SessionState) -> Prompt {
        let next = GridOrder.left(of: state, failed: failedGrids).first { $0.grid.id != question.grid }
        var prompt = Prompt(
            id: PromptID(unchecked: parts.newID()), kind: question.kind, grid: question.grid, micrograph: question.micrograph,
            queued: state.queue.waiting(of: question.grid), last: next == nil, nextGrid: next?.grid.id, raisedAt: parts.now())
        prompt.cassette = question.cassette
        prompt.cause = question.cause
        prompt.failedTargets = question.failedTargets
        prompt.failedGrids = question.failedGrids
        return prompt
    }

    func pausing(_ state: SessionState, grid: GridID) -> [RunEvent] {
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
    let failedTargets: [TargetID]?
    let failedGrids: [GridID]?

    init(
        _ kind: Prompt.Kind, grid: GridID, micrograph: MicrographID? = nil, cassette: ChangedCassette? = nil,
        cause: String? = nil, failedTargets: [TargetID]? = nil, failedGrids: [GridID]? = nil
    ) {
        self.kind = kind
        self.grid = grid
        self.micrograph = micrograph
        self.cassette = cassette
        self.cause = cause
        self.failedTargets = failedTargets
        self.failedGrids = failedGrids
    }

    /// One that was asked before.
    init(again prompt: Prompt) {
        self.init(
            prompt.kind, grid: prompt.grid, micrograph: prompt.micrograph, cassette: prompt.cassette, cause: prompt.cause,
            failedTargets: prompt.failedTargets, failedGrids: prompt.failedGrids)
    }

    /// An answer to another change of the cassette is no answer to this one, nor is one to a disk's silence an answer to another folder.
    func isAsked(by prompt: Prompt) -> Bool {
        prompt.kind == kind && prompt.grid == grid && prompt.micrograph == micrograph
            && prompt.cassette?.changes == cassette?.changes && (kind != .diskSilent || prompt.cause == cause)
    }
}
