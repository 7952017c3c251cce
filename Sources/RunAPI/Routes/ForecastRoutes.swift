import JSONText
import RunModel
import Store
import WebServer

// How long a session will take, from what this microscope's last sessions took; and what it then took. What its settings and grids were when it first
// began is what is forecast: queued by hand, aborted or taken up again it takes what it takes.
extension RouteTable {
    static func forecasts(_ services: Services) -> [Route] {
        [
            Route(
                // `low` and `high` hold four sessions in five, without what they wait for answers; `took` is there once a session was
                // worked through in one go.
                method: "GET", path: "/api/sessions/{session}/forecast", access: .session(.readSession),
                summary: "How long the session will take, by what its microscope's last ones took."
            ) { call, _ async throws(Problem) in
                let (id, now, sessions) = (call.session, services.now, services.pastSessions)
                let made = try await services.reading(on: services.downloads) { store throws(StoreError) -> JSONValue? in
                    guard let state = try store.state(of: id)?.state else { return nil }
                    let start = state.process.startedAt ?? now
                    let history = try sessions.history(of: state.microscope.id, before: start, in: store)
                    let ended = state.status.needsHolder ? nil : state.process.endedAt
                    var own: PastSession?
                    if let ended { own = try sessions.past(id, endedAt: ended, in: store) }
                    var work = PlannedWork(grids: state.grids.count, settings: state.session.settings)
                    if let begun = try own == nil ? sessions.begun(id, in: store) : own?.planned { work = begun }
                    return json(Forecast(work, history: history), of: work, took: own?.took)
                }
                guard let made else { throw .unknown("session", id.rawValue) }
                return .value(made)
            }
        ]
    }

    private static func json(_ forecast: Forecast, of work: PlannedWork, took: Double?) -> JSONValue {
        var json: JSONValue = [
            "seconds": .number(forecast.seconds.rounded()), "low": .number(forecast.low.rounded()),
            "high": .number(forecast.high.rounded()), "sessions": .integer(forecast.sessions),
            "grids": .integer(work.grids), "squares": .integer(work.squares), "holes": .integer(work.holes),
            "images": .integer(work.images),
        ]
        if let took { json["took"] = .number(took.rounded()) }
        return json
    }
}
