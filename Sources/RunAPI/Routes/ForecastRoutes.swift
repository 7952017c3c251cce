import Engine
import JSONText
import RunModel
import Store
import WebServer

// How long a session will take, from what this microscope's last sessions took; and what it then took. What its settings and grids were when it first
// began is what is forecast: queued by hand, aborted or taken up again it takes what it takes.
//
// `low` and `high` hold four sessions in five, without what they wait for answers.
extension RouteTable {
    static func forecasts(_ services: Services) -> [Route] {
        [
            Route(
                // `took` is there once a session was worked through in one go.
                method: "GET", path: "/api/sessions/{session}/forecast", access: .session(.readSession),
                summary: "How long the session will take, by what its microscope's last ones took."
            ) { call, _ async throws(Problem) in
                let (id, now, sessions) = (call.session, services.now, services.pastSessions)
                let made = try await services.reading(on: services.downloads) { store throws(StoreError) -> Made? in
                    guard let state = try store.state(of: id)?.state else { return nil }
                    let start = state.process.startedAt ?? now
                    let history = try sessions.history(of: state.microscope.id, before: start, in: store)
                    let ended = state.status.needsHolder ? nil : state.process.endedAt
                    var own: PastSession?
                    if let ended { own = try sessions.past(id, endedAt: ended, in: store) }
                    var work = PlannedWork(grids: state.grids.count, settings: state.session.settings)
                    if let begun = try own == nil ? sessions.begun(id, in: store) : own?.planned { work = begun }
                    return Made(work: work, history: history, state: state, took: own?.took)
                }
                guard let made, let state = made.state else { throw .unknown("session", id.rawValue) }
                // What a session still writes is told by its disk's readings once it runs.
                guard state.process.startedAt == nil else { return .value(try made.json(room: nil)) }
                let room = await services.engine.room(
                    for: made.work.images, state.session.settings, state.detector, in: state.session.directory)
                return .value(try made.json(room: room))
            },
            Route(
                // `settings` as in the body of a new session, written as JSON.
                method: "GET", path: "/api/forecast", access: .someGroup(.createSession),
                summary: "How long a session would take, what it would write, and what may come in its way.",
                query: ["microscope", "detector", "grids", "settings"]
            ) { call, _ async throws(Problem) in try await planned(call, services) },
        ]
    }

    private struct Made: Sendable {
        var work: PlannedWork
        var history: [PastSession]
        var state: SessionState?
        var took: Double?

        func json(room: RoomForecast?) throws(Problem) -> JSONValue {
            let forecast = Forecast(work, history: history)
            var risks = ForecastRisk.of(forecast, history: history)
            var json: JSONValue = [
                "seconds": .number(forecast.seconds.rounded()), "low": .number(forecast.low.rounded()),
                "high": .number(forecast.high.rounded()), "sessions": .integer(forecast.sessions),
                "grids": .integer(work.grids), "squares": .integer(work.squares), "holes": .integer(work.holes),
                "images": .integer(work.images),
            ]
            if let took { json["took"] = .number(took.rounded()) }
            if let room {
                json["neededBytes"] = .integer(room.needed)
                json["spareBytes"] = room.spare.map(JSONValue.integer) ?? .null
                let disk = ForecastRisk.ofDisk(needed: room.needed, spare: room.spare, problem: room.problem)
                risks = [disk].compactMap(\.self) + risks
                json["risks"] = .array(try risks.map { risk throws(Problem) in try Wire.json(risk) })
            }
            return json
        }
    }

    private static func planned(_ call: Call, _ services: Services) async throws(Problem) -> HTTPResponse {
        let query = call.request.query
        guard let microscope = services.facility.microscope(MicroscopeID(unchecked: query["microscope"] ?? "")) else {
            throw .unknown("microscope", query["microscope"] ?? "")
        }
        guard let detector = services.facility.detector(DetectorID(unchecked: query["detector"] ?? "")),
            detector.microscope == microscope.id
        else { throw .unknown("detector", query["detector"] ?? "") }
        let grids = Int(try call.number("grids", 1...Int64(GridsField.most), else: 1))
        let settings = try settings(query["settings"])
        let work = PlannedWork(grids: grids, settings: settings)
        let (now, sessions) = (services.now, services.pastSessions)
        let history = try await services.reading(on: services.downloads) { store throws(StoreError) in
            try sessions.history(of: microscope.id, before: now, in: store)
        }
        let room = await services.engine.room(for: work.images, settings, detector, in: "sessions")
        return .value(try Made(work: work, history: history).json(room: room))
    }

    private static func settings(_ text: String?) throws(Problem) -> GridSettings {
        guard let text else { return GridSettings() }
        let parsed: JSONValue
        do { parsed = try JSONText.parse(Array(text.utf8), limits: .foreign(bytes: 1 << 14, depth: 4)) } catch {
            throw Problem(400, "request.badJSON", error.sentence, remedy: "Correct the settings in the address.")
        }
        var body = BodyFields(["settings": parsed])
        let settings = try SettingsField.read(&body)
        try body.finish()
        return settings
    }
}
