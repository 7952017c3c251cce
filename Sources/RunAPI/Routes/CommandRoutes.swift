import Engine
import JSONText
import RunModel
import Store
import WebServer

// What people ask of a run. Each is accepted or refused at once; what became of it comes as events that carry the
// command's id.
//
// Commands take seconds to minutes to have their effect (an exposure is finished before a run stops), so the answer
// does not wait for it. A 202 means that the wish is on record in the store; of Stop and Force-kill, which wait for
// no disk, that it has been heard. A 409 means that the run is not where the
// page believed it to be, mostly because somebody else was quicker: the page shows the sentence, and the event that
// explains it is on its way.
//
// Members of the session's group control it, and staff. What overrides the recorded state is for staff alone, and is
// written to the audit log.
extension RouteTable {
    static func commands(_ services: Services) -> [Route] {
        runCommands(services) + gridCommands(services) + staffCommands(services) + [
            command(
                // PUT, because it sets and never toggles: two people who both switch it on have it on. It counts when
                // the next grid ends; a question that is open already stays open.
                "PUT", "pause-between-grids", "Sets whether the run asks after each grid.",
                .fields(["enabled"], required: ["enabled"]), .session("pauseBetweenGrids", fields: ["enabled"]), services
            ) { call, body async throws(Problem) in
                let enabled = body.bool("enabled") ?? false
                try body.finish()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.setPauseBetweenGrids(
                        enabled, call.session, by: call.person.username, command: call.command)
                }
            },
            command(
                // Counts at the next grid. Where the run asks how to go on, it is the answer.
                "PUT", "plan", "Sets in which passes the grids are worked through.",
                .fields(["plan"], required: ["plan"]), .session("setPlan", fields: ["plan"]), services
            ) { call, body async throws(Problem) in
                let words = SessionPlan.allCases.map(\.rawValue)
                let plan = body.text("plan", 1...40).flatMap(SessionPlan.init)
                if plan == nil {
                    body.add("plan", "plan is not \(words.dropLast().joined(separator: ", ")) or \(words.last ?? "").")
                }
                try body.finish()
                guard let plan else { return }
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.setPlan(plan, call.session, by: call.person.username, command: call.command)
                }
            },
            command(
                // Two people may see the same question. The second hears 409 with who answered what; an answer that
                // this question does not offer is 422, and a question that never was is 404. "Continue" without
                // anything queued is accepted, and the question comes back under a new id: the run has nothing to
                // continue with.
                "POST", "prompts/{prompt}", "Answers a question of the run; the first answer wins.",
                // `version` is that of the queue on the page, and may be left out. When it has changed since, the answer
                // is refused with 409: to proceed drops what waits, and whoever does so must have seen it.
                .fields(["answer", "version"], required: ["answer"]),
                .session("answer", fields: ["answer"], parameters: ["prompt"]), services
            ) { call, body async throws(Problem) in
                let answer = body.text("answer", 1...40) ?? ""
                let version = body.optionalInt("version", 0...Int(Int32.max))
                try body.finish()
                guard let prompt = PromptID(rawValue: call.parameter("prompt")) else {
                    throw .unknown("prompt", call.parameter("prompt"))
                }
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.answer(
                        prompt, of: call.session, with: answer, seeing: version, by: call.person.username, command: call.command)
                }
            },
            command(
                // `version` is that of the queue on the page. When it has changed since, the edit is refused whole with
                // 409: moving a hole within a list that somebody else has just reordered would put it where nobody
                // wanted it.
                "POST", "queue", "Changes the queue: all of it or nothing.",
                .fields(queueFields, required: ["version"]), .session("editQueue", fields: queueFields), services
            ) { call, body async throws(Problem) in
                let edit = try queueEdit(&body)
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.edit(edit, of: call.session, by: call.person.username, command: call.command)
                }
            },
        ]
    }

    /// The life of a run. None has a body, and a field in one is refused: whoever sent it believes that it has an
    /// effect.
    private static func runCommands(_ services: Services) -> [Route] {
        [
            // 409 `session.running` for a session that runs already, 409 `scopeLock.held` when another one has the
            // microscope. In the second case nothing is sent to the microscope; the event `startRefused` and a line in
            // this session's log say who tried.
            command("POST", "start", "Starts the run, or goes on where it was.", .none, .session("start"), services) {
                call, body async throws(Problem) in
                try body.finish()
                try await services.start(call)
            },
            // The exposure under way is finished, since the specimen has its dose either way. How long that takes is on
            // the page.
            command(
                "POST", "stop", "Ends the run after the exposure under way.", .none, .session("stop"), services, isUrgent: true
            ) { call, body async throws(Problem) in
                try body.finish()
                try await services.askingAtOnce("stop", call) { () async throws(EngineError) in
                    try await services.engine.stop(call.session, by: call.person.username, command: call.command)
                }
            },
            // Possible until the run begins to shut down; from then on it is 409 `stop.cannotTakeBack`.
            command("POST", "cancel-stop", "Takes a stop back.", .none, .session("cancelStop"), services) {
                call, body async throws(Problem) in
                try body.finish()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.cancelStop(call.session, by: call.person.username, command: call.command)
                }
            },
        ]
    }

    /// What is asked of one grid. 409 `grid.status` where it stands elsewhere than the page believed.
    private static func gridCommands(_ services: Services) -> [Route] {
        func route(
            _ path: String, _ act: String, _ summary: String,
            _ ask: @escaping @Sendable (Call, GridID) async throws(EngineError) -> Void
        ) -> Route {
            command(
                "POST", "grids/{grid}/\(path)", summary, .none, .session(act, parameters: ["grid"]), services
            ) { call, body async throws(Problem) in
                try body.finish()
                guard let grid = GridID(rawValue: call.parameter("grid")) else { throw .unknown("grid", call.parameter("grid")) }
                try await services.asking { () async throws(EngineError) in try await ask(call, grid) }
            }
        }
        let engine = services.engine
        return [
            // The exposure under way is finished, as with a stop; the run goes on with the next grid.
            route("abort", "abortGrid", "Closes a grid that has been begun, after the exposure under way.") {
                call, grid async throws(EngineError) in
                try await engine.abort(grid, of: call.session, by: call.person.username, command: call.command)
            },
            route("leave-out", "leaveOutGrid", "No run comes to a grid that has not been begun.") {
                call, grid async throws(EngineError) in
                try await engine.leaveOut(grid, of: call.session, by: call.person.username, command: call.command)
            },
            route("take-up", "takeUpGrid", "The next run, or the one that lives, comes to a closed grid again.") {
                call, grid async throws(EngineError) in
                try await engine.takeUp(grid, of: call.session, by: call.person.username, command: call.command)
            },
        ]
    }

    /// Remedies for what is dirty. They need `staffAct`, and each leaves a record in the audit log before it acts, refused
    /// ones too; a force-kill acts at once, whether the record can be written or not. Why it is done may be said with
    /// each, and is then in the log of whoever is struck by it.
    ///
    /// A force-start overrides a status that has no run behind it, and is refused with 409 `scopeLock.living` while a
    /// living run holds the microscope: two runs on one column would expose over each other. A force-kill is for a run
    /// that no longer reacts. Its answer waits for its effect: until the lock is free and the status true.
    private static func staffCommands(_ services: Services) -> [Route] {
        [
            Route(
                method: "POST", path: "/api/sessions/{session}/force-start", access: .session(.staffAct),
                summary: "Starts a session whose recorded status is wrong.", body: .fields(["reason"], required: []), status: 202,
                isCommand: true, audit: .force("forceStart", on: "session")
            ) { call, body async throws(Problem) in
                let reason = try body.reason()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.start(
                        call.session, by: call.person.username, forced: true, reason: reason, command: call.command)
                }
                return .accepted(call.command)
            },
            Route(
                method: "POST", path: "/api/sessions/{session}/force-kill", access: .session(.staffAct),
                summary: "Ends everything of a session at once.", body: .fields(["reason"], required: []), status: 202,
                isCommand: true, isUrgent: true, audit: .force("forceKill", on: "session")
            ) { call, body async throws(Problem) in
                let reason = try body.reason()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.forceKill(
                        call.session, by: call.person.username, reason: reason, command: call.command)
                }
                return .accepted(call.command)
            },
        ]
    }

    /// A command of whoever may control the session. `act` returns when the engine has accepted it, and throws the
    /// refusal otherwise.
    private static func command(
        _ method: String, _ path: String, _ summary: String, _ body: Route.Body, _ word: AuditWord, _ services: Services,
        isUrgent: Bool = false,
        _ act: @escaping @Sendable (Call, inout BodyFields) async throws(Problem) -> Void
    ) -> Route {
        Route(
            method: method, path: "/api/sessions/{session}/\(path)", access: .session(.controlSession), summary: summary,
            body: body, status: 202, isCommand: true, isUrgent: isUrgent, audit: word
        ) { call, body async throws(Problem) in
            try await act(call, &body)
            return .accepted(call.command)
        }
    }

    private static let queueFields = ["version", "add", "again", "remove", "first", "skip", "unskip", "order"]

    /// Fields that are left out change nothing; `order` is the whole new order, and without it the old one stays. An
    /// edit that asks for nothing at all is refused, since a page that sends one has lost what its user meant.
    private static func queueEdit(_ body: inout BodyFields) throws(Problem) -> QueueEdit {
        var edit = QueueEdit(version: body.int("version", 0...Int(Int32.max)) ?? 0)
        edit.add = body.targets("add") ?? []
        edit.again = body.targets("again") ?? []
        edit.remove = body.targets("remove") ?? []
        edit.first = body.targets("first") ?? []
        edit.skip = body.targets("skip") ?? []
        edit.unskip = body.targets("unskip") ?? []
        edit.order = body.targets("order")
        if edit.order == nil, (edit.add + edit.again + edit.remove + edit.first + edit.skip + edit.unskip).isEmpty,
            body.problems.isEmpty
        {
            body.add("add", "This edit changes nothing in the queue.")
        }
        try body.finish()
        return edit
    }
}

extension Services {
    /// A refusal names the run that holds the microscope only to those who may see it. Everybody else hears since when
    /// it is busy, as on the `facility` topic. The status and the code are the same, so that a script need not know who
    /// asks.
    fileprivate func start(_ call: Call) async throws(Problem) {
        do throws(EngineError) {
            try await engine.start(call.session, by: call.person.username, command: call.command)
        } catch {
            if case .lock(let cause) = error, let holder = cause.holder, !call.person.maySee(holder.group) {
                throw Problem(
                    409, error.code, "Another session has been running on this microscope since \(holder.startedAt).",
                    remedy: "Wait until it finishes, or ask the facility's staff.")
            }
            throw Problem(error)
        }
    }
}
