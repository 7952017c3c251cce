import Accounts
import Engine
import JSONText
import RunModel
import Store
import WebServer

// Sessions: listing, making and reading them. Reads come from the store; only the status is asked of the engine
// besides, because a stored "running" with no living run behind it must be shown as interrupted. Lists come in pages:
// `next` is the id to give as `after`.
//
// A page that shows a session live subscribes to `session/ID` and gets there what `GET /api/sessions/ID` answers here.
// These routes are for scripts, for lists, and for history that is older than a page wants to keep.
extension RouteTable {
    static func sessions(_ services: Services, _ feed: PushFeed) -> [Route] {
        [
            Route(
                // Everybody who is signed in may ask, and sees what is theirs: an empty list is an answer, not a
                // refusal.
                method: "GET", path: "/api/sessions", access: .signedIn, summary: "The sessions that you may see, newest first.",
                query: ["after", "limit", "group", "microscope", "status", "archived", "q"]
            ) { call, _ async throws(Problem) in try await list(call, services) },
            Route(
                // 201, not 202: the session exists, with its directory, when the answer comes. It takes an
                // `Idempotency-Key` all the same, since a form that is sent twice would otherwise be told the second
                // time that the name is taken.
                method: "POST", path: "/api/sessions", access: .someGroup(.createSession), summary: "Makes a session.",
                body: .fields(
                    ["name", "group", "microscope", "detector", "settings", "grids"],
                    required: ["name", "group", "microscope", "detector", "grids"]), status: 201, isCommand: true,
                audit: AuditWord(
                    act: "createSession", subject: .newSession, fields: ["name", "group", "microscope", "detector"])
            ) { call, body async throws(Problem) in
                let created = try await NewSession.read(&body, call, services)
                return try await services.create(created)
            },
            Route(
                method: "GET", path: "/api/sessions/{session}", access: .session(.readSession), summary: "The state of a session."
            ) {
                call, _ async throws(Problem) in
                // Readings are not in the store. The feed has the latest of sessions that run or are watched; for
                // others they are left out, and whoever reads this must do without.
                let readings = try await feed.readings(of: call.session)
                guard let (seq, state) = try await services.state(of: call.session) else {
                    throw .unknown("session", call.session.rawValue)
                }
                var json = try services.json(state, for: call.person, readings: readings)
                json["seq"] = .integer(Int(seq))
                return .value(json)
            },
            Route(method: "GET", path: "/api/sessions/{session}/queue", access: .session(.readSession), summary: "The queue.") {
                call, _ async throws(Problem) in
                guard let (_, state) = try await services.state(of: call.session) else {
                    throw .unknown("session", call.session.rawValue)
                }
                return .value(try Wire.json(state.queue))
            },
            Route(
                method: "GET", path: "/api/sessions/{session}/events", access: .session(.readSession),
                summary: "The run's history.",
                query: ["after", "limit"]
            ) { call, _ async throws(Problem) in try await events(call, services) },
            Route(
                method: "GET", path: "/api/sessions/{session}/staff", access: .session(.staffAct),
                summary: "What staff should know before an act."
            ) { call, _ async throws(Problem) in
                // Whether each act of staff is allowed now, with the reason in a sentence: the page shows it beside the
                // button, because killing a run that only waits for nitrogen may cost a night.
                let facts = try await services.asking { () async throws(EngineError) in
                    try await services.engine.staffFacts(call.session)
                }
                var json = try Wire.json(facts)
                let heard = await feed.lastHeard(call.session)
                json["process"]?["lastHeard"] = heard.map { .string($0.description) } ?? .null
                return .value(json)
            },
        ]
    }

    /// The run's history as it was written, oldest first, with the same numbers and data as on the topic. `next` is the
    /// number to go on after.
    private static func events(_ call: Call, _ services: Services) async throws(Problem) -> HTTPResponse {
        let after = try call.number("after", 0...Int64.max, else: 0)
        let limit = Int(try call.number("limit", 1...5000, else: 1000))
        let id = call.session
        let events = try await services.reading { store throws(StoreError) in
            try store.events(on: .session(id), after: after, limit: limit + 1)
        }
        let items = try events.prefix(limit).map { told throws(Problem) in try json(told) }
        let next: JSONValue = events.count > limit ? .integer(Int(events[limit - 1].seq)) : .null
        return .list(items, next: next)
    }

    private static func json(_ told: TopicEvent) throws(Problem) -> JSONValue {
        let data: JSONValue
        // The store wrote this text itself. One that cannot be read means a damaged store: that is reported (503), and
        // no event is left out.
        do { data = try JSONText.parse(told.data) } catch {
            throw Problem(.unreadable(what: "Event \(told.seq)", reason: error.sentence))
        }
        var json: JSONValue = [
            "seq": .integer(Int(told.seq)), "previous": .integer(Int(told.previous)), "at": .string(told.at.description),
            "type": .string(told.type), "data": data,
        ]
        if let command = told.command { json["command"] = .string(command.rawValue) }
        return json
    }

    /// The list of the session browser: the summaries alone, since a whole state may be hundreds of kilobytes.
    private static func list(_ call: Call, _ services: Services) async throws(Problem) -> HTTPResponse {
        let limit = Int(try call.number("limit", 1...500, else: 100))
        let (filter, after) = (try filter(call), try call.sessionID("after"))
        let living = try await services.livingSessions()
        let found = try await services.reading { store throws(StoreError) in
            try store.sessions(filter, after: after, limit: limit + 1)
        }
        var items: [JSONValue] = []
        for summary in found.prefix(limit) {
            let id = summary.session.id
            let status = await services.derived(summary.status, of: id, wasLiving: living.contains(id))
            items.append(try json(summary, status))
        }
        return .list(items, next: found.count > limit ? .string(found[limit - 1].session.id.rawValue) : .null)
    }

    /// Statuses are compared with the recorded ones: a session whose run is gone is found under "running", although the
    /// answer shows it as "interrupted".
    private static func filter(_ call: Call) throws(Problem) -> SessionFilter {
        let query = call.request.query
        var filter = SessionFilter(name: query["q"])
        // Staff and viewers see all groups. Everybody else sees theirs, and asking for another group gives an empty
        // list: a 403 would tell that there is such a group.
        if !Permission.allows(.readSession, person: call.person, group: nil) { filter.groups = call.person.groups }
        if let group = query["group"] { filter.groups = filter.groups?.intersection([group]) ?? [group] }
        if let microscope = query["microscope"] { filter.microscope = MicroscopeID(unchecked: microscope) }
        if let archived = query["archived"] {
            guard let isArchived = ["true": true, "false": false][archived] else {
                throw Problem(400, "request.query", "archived is neither true nor false.", remedy: "Correct the address.")
            }
            filter.isArchived = isArchived
        }
        if let status = query["status"] {
            let words = status.split(separator: ",").map(String.init)
            let statuses = words.compactMap(SessionStatus.init(rawValue:))
            guard statuses.count == words.count else {
                throw Problem(
                    400, "request.query", "status names something that is not a status.", remedy: "Correct the address.")
            }
            filter.statuses = Set(statuses)
        }
        return filter
    }

    private static func json(_ summary: SessionSummary, _ status: SessionStatus) throws(Problem) -> JSONValue {
        let session = summary.session
        var json: JSONValue = [
            "id": .string(session.id.rawValue), "name": .string(session.name), "group": .string(session.group),
            "microscope": .string(session.microscope.rawValue), "microscopeName": .string(summary.microscope.name),
            "detector": .string(session.detector.rawValue), "createdBy": .string(session.createdBy),
            "createdAt": .string(session.createdAt.description), "status": .string(status.rawValue),
            "grids": .integer(summary.grids),
            "gridsCompleted": .integer(summary.gridsCompleted), "images": .integer(summary.images),
        ]
        if summary.isArchived { json["archived"] = true }
        // Left out for a session that never ran; `endedAt` also while it runs.
        if let startedAt = summary.startedAt { json["startedAt"] = .string(startedAt.description) }
        if let endedAt = summary.endedAt { json["endedAt"] = .string(endedAt.description) }
        return json
    }
}

extension Call {
    fileprivate func sessionID(_ name: String) throws(Problem) -> SessionID? {
        guard let text = request.query[name] else { return nil }
        guard let id = SessionID(rawValue: text) else {
            throw Problem(400, "request.query", "\(name) is not the id of a session.", remedy: "Correct the address.")
        }
        return id
    }
}

extension Person {
    func maySee(_ group: String) -> Bool { Permission.allows(.readSession, person: self, group: group) }
}

extension Services {
    /// A disk that refuses is 503 and leaves no session behind.
    fileprivate func create(_ created: SessionCreated) async throws(Problem) -> HTTPResponse {
        let session = created.session
        try await checkFree(session)
        try await asking { () async throws(EngineError) in try await engine.create(created) }
        return .value(["id": .string(session.id.rawValue)], status: 201)
    }

    /// The store refuses a name that is taken, but only once the directory is made. This says so before; the store
    /// still decides between two people who choose the same name at the same moment.
    private func checkFree(_ session: Session) async throws(Problem) {
        guard let other = try await reading({ store throws(StoreError) in try store.taken(by: session) }) else { return }
        throw Problem(.nameTaken(name: other, group: session.group))
    }
}
