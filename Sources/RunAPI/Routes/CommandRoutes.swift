import Engine
import JSONText
import RunModel
import Store
import WebServer

// What people ask of a run. Each is accepted or refused at once; what became of it comes as events that carry the command's id.
extension RouteTable {
    static func commands(_ services: Services) -> [Route] {
        runCommands(services) + staffCommands(services) + [
            command(
                "PUT", "pause-between-grids", "Sets whether the run asks after each grid.",
                .fields(["enabled"], required: ["enabled"]),
                services
            ) { call, body async throws(Problem) in
                let enabled = body.bool("enabled") ?? false
                try body.finish()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.setPauseBetweenGrids(
                        enabled, call.session, by: call.person.username, command: call.command)
                }
            },
            command(
                "POST", "prompts/{prompt}", "Answers a question of the run; the first answer wins.",
                .fields(["answer"], required: ["answer"]), services
            ) { call, body async throws(Problem) in
                let answer = body.text("answer", 1...40) ?? ""
                try body.finish()
                guard let prompt = PromptID(rawValue: call.parameter("prompt")) else {
                    throw .unknown("prompt", call.parameter("prompt"))
                }
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.answer(
                        prompt, of: call.session, with: answer, by: call.person.username, command: call.command)
                }
            },
            command(
                "POST", "queue", "Changes the queue: all of it or nothing.",
                .fields(["version", "add", "remove", "first", "skip", "unskip", "order"], required: ["version"]), services
            ) { call, body async throws(Problem) in
                let edit = try queueEdit(&body)
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.edit(edit, of: call.session, by: call.person.username, command: call.command)
                }
            },
        ]
    }

    private static func runCommands(_ services: Services) -> [Route] {
        [
            command("POST", "start", "Starts the run, or goes on where it was.", .none, services) {
                call, body async throws(Problem) in
                try body.finish()
                try await services.start(call)
            },
            command("POST", "stop", "Ends the run after the exposure under way.", .none, services) {
                call, body async throws(Problem) in
                try body.finish()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.stop(call.session, by: call.person.username, command: call.command)
                }
            },
            command("POST", "cancel-stop", "Takes a stop back.", .none, services) { call, body async throws(Problem) in
                try body.finish()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.cancelStop(call.session, by: call.person.username, command: call.command)
                }
            },
        ]
    }

    private static func staffCommands(_ services: Services) -> [Route] {
        [
            Route(
                method: "POST", path: "/api/sessions/{session}/force-start", access: .session(.staffAct),
                summary: "Starts a session whose recorded status is wrong.", status: 202, isCommand: true
            ) { call, body async throws(Problem) in
                try body.finish()
                return try await services.audited("forceStart", on: call.session.rawValue, call) { () async throws(EngineError) in
                    try await services.engine.start(
                        call.session, by: call.person.username, forced: true, command: call.command)
                }
            },
            Route(
                method: "POST", path: "/api/sessions/{session}/force-kill", access: .session(.staffAct),
                summary: "Ends everything of a session at once.", status: 202, isCommand: true
            ) { call, body async throws(Problem) in
                try body.finish()
                return try await services.audited("forceKill", on: call.session.rawValue, call) { () async throws(EngineError) in
                    try await services.engine.forceKill(call.session, by: call.person.username, command: call.command)
                }
            },
        ]
    }

    private static func command(
        _ method: String, _ path: String, _ summary: String, _ body: Route.Body, _ services: Services,
        _ act: @escaping @Sendable (Call, inout BodyFields) async throws(Problem) -> Void
    ) -> Route {
        Route(
            method: method, path: "/api/sessions/{session}/\(path)", access: .session(.controlSession), summary: summary,
            body: body,
            status: 202, isCommand: true
        ) { call, body async throws(Problem) in
            try await act(call, &body)
            return .accepted(call.command)
        }
    }

    private static func queueEdit(_ body: inout BodyFields) throws(Problem) -> QueueEdit {
        var edit = QueueEdit(version: body.int("version", 0...Int(Int32.max)) ?? 0)
        edit.add = body.targets("add") ?? []
        edit.remove = body.targets("remove") ?? []
        edit.first = body.targets("first") ?? []
        edit.skip = body.targets("skip") ?? []
        edit.unskip = body.targets("unskip") ?? []
        edit.order = body.targets("order")
        if edit.order == nil, (edit.add + edit.remove + edit.first + edit.skip + edit.unskip).isEmpty, body.problems.isEmpty {
            body.add("add", "Nothing is asked of the queue.")
        }
        try body.finish()
        return edit
    }
}

extension Services {
    /// A refusal names the run that holds the microscope only to those who may see it.
    fileprivate func start(_ call: Call) async throws(Problem) {
        do throws(EngineError) {
            try await engine.start(call.session, by: call.person.username, command: call.command)
        } catch {
            if case .lock(let cause) = error, let holder = cause.holder, !call.person.maySee(holder.group) {
                throw Problem(
                    409, error.code, "Another session is running on this microscope since \(holder.startedAt).",
                    remedy: "Wait until it finishes, or ask the facility's staff.")
            }
            throw Problem(error)
        }
    }
}
