import RunModel
import Store

// What people may ask of a session. Each is written and happens, or is refused with nothing changed. Two differ: a stop happens first, and what the
// store was too slow to take happens when it is written, whatever its caller was told meanwhile.
extension RunSession {
    /// Soft: the exposure under way is finished, no other is begun. `rung` by the caller, where a run lived.
    func stop(_ rung: RungStop?, by person: String, command: CommandID?) async throws(EngineError) {
        await waitForStart()
        guard let run else {
            // The run may have heard it and ended already.
            if let rung, rung.isFirst, rung.bell.stop?.isWritten == true { return }
            throw .notRunning
        }
        var isFirst = rung?.bell === run.bell && rung?.isFirst == true
        // Another run's, or somebody took the earlier stop back while this one was on its way here: it was rung for nobody.
        if !isFirst, rung?.bell !== run.bell || run.bell.stop == nil {
            isFirst = run.bell.ringStop(by: person, command: command)
        }
        guard isFirst else { throw .stopping(by: run.bell.stop?.by ?? "somebody") }
        watchSlowStop()
        do throws(RunEnd) { try run.writeStop() } catch {
            // What the store cannot take now is written with the end of the run; the stop itself stands.
            guard case .store(let cause) = error, !cause.mayPass else { return }
            throw .store(cause)
        }
    }

    func cancelStop(by person: String, command: CommandID) throws(EngineError) {
        guard let run else { throw .notRunning }
        guard StopRule.canTakeBack(stopRequested: run.isStopAsked, shuttingDown: run.isShuttingDown) else {
            throw .cannotTakeBack
        }
        do throws(RunEnd) { try run.writeStop() } catch {
            if case .store(let cause) = error { throw .store(cause) }
        }
        let from = try state().stop?.from ?? .running
        let rings = run.bell.rings
        try recordOutside(
            [
                .stopCancelled(Asked(by: person)), .runMoved(RunMoved(status: from)),
                .noticeCleared(NoticeCleared(id: NoticeID.slowStop)),
            ],
            [LogLine(.info, "session", "\(person) took the stop back.")], command: command,
            afterwards: { run.takeBackStop(after: rings) })
        run.takeBackStop(after: rings)
    }

    /// Set, never toggled; counts at the next grid end. An open prompt stays open.
    func setPauseBetweenGrids(_ enabled: Bool, by person: String, command: CommandID) throws(EngineError) {
        try recordOutside(
            [.pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: enabled, by: person))],
            [LogLine(.info, "session", "Pause between grids switched \(enabled ? "on" : "off") by \(person).")], command: command)
    }

    /// Counts at the next grid; where the run asks how to go on, it is the answer.
    func setPlan(_ plan: SessionPlan, by person: String, command: CommandID) throws(EngineError) {
        var state = try state()
        if let prompt = state.prompt,
            let answer = prompt.answers.first(where: { prompt.kind.row.effect(of: $0, inRun: true) == .followPlan(plan) })
        {
            return try self.answer(prompt.id, with: answer.rawValue, seeing: nil, by: person, command: command)
        }
        var events: [RunEvent] = [.planSet(PlanSet(plan: plan, by: person))]
        if var prompt = state.prompt, prompt.kind == .gridFinished {
            state.plan = plan
            prompt.refresh(state)
            if prompt != state.prompt { events.append(.promptUpdated(prompt)) }
        }
        try recordOutside(
            events, [LogLine(.info, "session", "\(person) chose: \(plan.words).")],
            command: command, afterwards: { [changes] in changes.signal() })
        changes.signal()
    }

    /// The first answer wins.
    func answer(
        _ id: PromptID, with text: String, seeing version: Int?, by person: String, command: CommandID
    ) throws(EngineError) {
        let state = try state()
        guard let prompt = state.prompt, prompt.id == id else { throw try refusal(of: id, state) }
        // Whoever ends a grid drops what waits of it, and must have seen that.
        if let version, version != state.queue.version { throw .queueChanged(version: state.queue.version) }
        guard let answer = Prompt.Answer(rawValue: text), prompt.answers.contains(answer) else {
            throw .answerNotOffered(text, offered: prompt.answers.map(\.rawValue))
        }
        var events: [RunEvent] = [.promptAnswered(PromptAnswered(id: id, answer: answer, by: person))]
        var decided: Prompt.Answer? = answer
        if prompt.kind == .gridFinished, answer == .continue,
            PauseRule.afterContinue(queued: state.queue.waiting(of: prompt.grid)) == .ask
        {
            var again = prompt
            again.id = PromptID(unchecked: parts.newID())
            again.raisedAt = parts.now()
            again.queued = 0
            events.append(.promptRaised(again))
            decided = nil
        }
        if case .followPlan(let plan)? = prompt.kind.row.effect(of: answer, inRun: true) {
            events.append(.planSet(PlanSet(plan: plan, by: person)))
        }
        if run == nil { events += effectWithoutRun(of: answer, to: prompt, by: person, state) }
        let decision = decided.map { RunContext.Decision(prompt: prompt, answer: $0) }
        let run = run
        try recordOutside(
            events, [LogLine(.info, "prompt", "\(person) chose \(prompt.kind.row.label(of: answer)).")], command: command,
            afterwards: { run?.hearAnswer(decision) })
        run?.hearAnswer(decision)
    }

    private func refusal(of id: PromptID, _ state: SessionState) throws(EngineError) -> EngineError {
        guard let last = state.lastAnswer, last.id == id else { return .noPrompt }
        return .promptAnswered(by: last.by, answer: last.kind.row.label(of: last.answer))
    }

    /// A prompt that outlived its run is settled in the store; the next Start finds it so.
    private func effectWithoutRun(
        of answer: Prompt.Answer, to prompt: Prompt, by person: String, _ state: SessionState
    ) -> [RunEvent] {
        switch prompt.kind.row.effect(of: answer, inRun: false) {
        case .endGrid:
            // Unreadable: what it lacks is not known, and the answer counts all the same.
            let report = try? journal.grid(prompt.grid)
            let ending = report.map(GridEnding.init) ?? .complete(problem: nil)
            return TargetQueue.dropping(state.queue, of: prompt.grid, report) + ending.events(for: prompt.grid)
        case .settleExposure(let outcome):
            guard let micrograph = prompt.micrograph else { return [] }
            return [.exposureSettled(ExposureSettled(micrograph: micrograph, outcome: outcome, by: nil))]
        case .acceptCassette:
            return prompt.cassette.map { [.cassetteRead(CassetteRead(slots: $0.slots, by: person))] } ?? []
        case .skipGrid:
            guard let grid = state.grids.first(where: { $0.grid.id == prompt.grid }), grid.status == .stopped else { return [] }
            let problem = LoaderProblem.skipped(slot: grid.grid.slot, by: person)
            let failed = GridFailed(grid: prompt.grid, sentence: problem.sentence, remedy: problem.remedy)
            return TargetQueue.dropping(state.queue, of: prompt.grid, try? journal.grid(prompt.grid)) + [.gridFailed(failed)]
        case .tryAgain:
            // Unreadable: the next start does not try them, and says of each why it failed.
            guard let report = try? journal.grid(prompt.grid) else { return [] }
            return DoseLedger.tryAgain(prompt.failedTargets ?? [], on: report, state, engine: parts.settings)
        // Written with the answer itself.
        case .followPlan: return []
        case .resume, .nothing, nil: return []
        }
    }
}

// What a command tells the run. Both run on the engine's executor, so nothing comes between writing a command and the run hearing it.
extension RunSession.Run {
    var isStopAsked: Bool { bell.stop != nil }
    var isShuttingDown: Bool { context.assumeIsolated { $0.isShuttingDown } }

    func writeStop() throws(RunEnd) {
        // The closure of `assumeIsolated` has no typed errors.
        let result: Result<Void, RunEnd> = context.assumeIsolated { context in
            do throws(RunEnd) { return .success(try context.writeStop()) } catch { return .failure(error) }
        }
        try result.get()
    }
    /// Nothing from where the run has heard it: then it stands.
    func takeBackStop(after rings: Int) {
        if !isShuttingDown { bell.takeBackStop(after: rings) }
    }
    func hearAnswer(_ answer: RunContext.Decision?) { context.assumeIsolated { $0.hearAnswer(answer) } }
}
