import Engine
import JSONText
import RunModel
import Store
import WebServer

// What may be changed of a session that exists, and what people write of its grids and images. Accepted or refused at once; pages hear of it as
// events. What is changed counts from the run's next item on.
extension RouteTable {
    static func changes(_ services: Services) -> [Route] { sessionChanges(services) + notes(services) }

    private static let gridFields = ["name", "holeType", "meshMaterial", "recipe"]

    private static func sessionChanges(_ services: Services) -> [Route] {
        func route(
            _ method: String, _ path: String, _ summary: String, _ fields: [String], required: [String], _ word: AuditWord,
            _ act: @escaping @Sendable (Call, inout BodyFields) async throws(Problem) -> Void
        ) -> Route {
            Route(
                method: method, path: "/api/sessions/{session}/\(path)", access: .session(.controlSession), summary: summary,
                body: .fields(fields, required: required), status: 202, isCommand: true, audit: word
            ) { call, body async throws(Problem) in
                try await act(call, &body)
                return .accepted(call.command)
            }
        }
        return [
            // Those that are left out stay as they are. 409 `session.settings` names what can no longer be changed and why, 409
            // `session.changed` says that somebody else was quicker.
            route(
                "PUT", "settings", "Changes settings of a session from its next item on.", ["settings"], required: ["settings"],
                .session("changeSettings", fields: ["settings"])
            ) { call, body async throws(Problem) in
                let seen = try await services.known(call.session).session.settings
                let wanted = try SettingsField.read(&body, over: seen)
                try body.finish()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.changeSettings(
                        from: seen, to: wanted, of: call.session, by: call.person.username, command: call.command)
                }
            },
            route(
                "PUT", "archived", "Puts a session out of the lists, or back into them.", ["archived"], required: ["archived"],
                .session("archive", fields: ["archived"])
            ) { call, body async throws(Problem) in
                let archived = body.bool("archived") ?? false
                try body.finish()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.archive(archived, call.session, by: call.person.username, command: call.command)
                }
            },
            route(
                "POST", "grids", "Adds a grid, to which runs come last.", ["position"] + gridFields,
                required: ["position", "name", "recipe"], .session("addGrid", fields: ["position", "name", "recipe"])
            ) { call, body async throws(Problem) in
                let grid = try await services.grid(&body, of: call)
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.add(grid, to: call.session, by: call.person.username, command: call.command)
                }
            },
            // Whole: what is left out is not known any more. Only the name can be changed of a grid that is being imaged.
            route(
                "PUT", "grids/{grid}", "Describes a grid anew.", gridFields, required: ["name", "recipe"],
                .session("changeGrid", fields: gridFields, parameters: ["grid"])
            ) { call, body async throws(Problem) in
                guard call.grid.session == call.session else { throw .unknown("grid", call.grid.rawValue) }
                let grid = try await services.grid(&body, of: call, as: call.grid)
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.change(grid, of: call.session, by: call.person.username, command: call.command)
                }
            },
            route(
                "PUT", "grid-order", "Sets in which order runs come to the grids.", ["order"], required: ["order"],
                .session("orderGrids", fields: ["order"])
            ) { call, body async throws(Problem) in
                let items = body.value("order")?.items ?? []
                let order = items.compactMap { $0.text.flatMap(GridID.init(rawValue:)) }
                if order.isEmpty || order.count != items.count { body.add("order", "order is not a list of grid ids.") }
                try body.finish()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.order(order, of: call.session, by: call.person.username, command: call.command)
                }
            },
        ]
    }

    private static func notes(_ services: Services) -> [Route] {
        [
            Route(
                // What is left out stays; null takes the quality away.
                method: "PUT", path: "/api/grids/{grid}/notes", access: .session(.controlSession),
                summary: "Notes what you think of a grid.", body: .fields(["quality", "notes"], required: []), status: 202,
                isCommand: true, audit: AuditWord(act: "noteGrid", subject: .path("grid"), fields: ["quality"])
            ) { call, body async throws(Problem) in
                var noting = GridNoting()
                if let given = body.value("quality") {
                    noting.quality = given.isNull ? .open : word(given, "quality", &body).map(GridNoting.Quality.judged)
                }
                if body.raw("notes") != nil { noting.notes = body.text("notes", 0...2000) } else { _ = body.value("notes") }
                try body.finish()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.note(noting, on: call.grid, by: call.person.username, command: call.command)
                }
                return .accepted(call.command)
            },
            Route(
                // Null takes the rating away.
                method: "PUT", path: "/api/micrographs/{target}/rating", access: .session(.controlSession),
                summary: "Rates an image.", body: .fields(["rating"], required: ["rating"]), status: 202, isCommand: true,
                audit: AuditWord(act: "rateImage", subject: .path("target"), fields: ["rating"])
            ) { call, body async throws(Problem) in
                guard case .micrograph(let micrograph)? = ItemID(call.parameter("target")) else {
                    throw .unknown("image", call.parameter("target"))
                }
                let given = body.value("rating")
                if given == nil { body.add("rating", "rating is missing.") }
                let rating: ImageRating? = given.flatMap { $0.isNull ? nil : word($0, "rating", &body) }
                try body.finish()
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.rate(micrograph, rating, by: call.person.username, command: call.command)
                }
                return .accepted(call.command)
            },
        ]
    }

    /// Nil with a problem noted for a word that is none of them.
    private static func word<Word: RawRepresentable & CaseIterable>(
        _ value: JSONValue, _ field: String, _ body: inout BodyFields
    ) -> Word? where Word.RawValue == String {
        if let word = value.text.flatMap(Word.init(rawValue:)) { return word }
        let words = Word.allCases.map(\.rawValue)
        body.add(field, "\(field) is not \(words.dropLast().joined(separator: ", ")) or \(words.last ?? "").")
        return nil
    }
}

extension Services {
    fileprivate func known(_ id: SessionID) async throws(Problem) -> SessionState {
        guard let (_, state) = try await state(of: id) else { throw .unknown("session", id.rawValue) }
        return state
    }

    /// By the rules of a new session's. `id`: of a grid that is there; nil for one whose position the body names.
    fileprivate func grid(_ body: inout BodyFields, of call: Call, as id: GridID? = nil) async throws(Problem) -> Grid {
        let state = try await known(call.session)
        let there = try id.map { id throws(Problem) in
            guard let summary = state.grids.first(where: { $0.grid.id == id }) else { throw .unknown("grid", id.rawValue) }
            return summary.grid
        }
        var read = GridsField.read(
            &body, call.session, as: there, slots: state.microscope.slots, recipes: engine.parts.recipes.recipes)
        // Its folder keeps the name that it was begun with.
        if let there { read?.filesNamedFor = there.filesNamedFor ?? there.name }
        if facility.pathsThere[state.microscope.id] != nil, let problem = (read?.directory).flatMap(WindowsPath.problem) {
            body.add("name", problem.sentence)
        }
        try body.finish()
        guard let read else { throw .unknown("grid", call.grid.rawValue) }  // never: each that is nil has a problem noted
        return read
    }
}
