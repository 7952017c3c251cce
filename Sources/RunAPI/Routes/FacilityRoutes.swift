import Accounts
import Engine
import JSONText
import RunModel
import Store
import WebServer

// What belongs to no session: microscopes, detectors, recipes. Everybody who is signed in may see that a microscope is
// busy; by whom is told only to those who may see the session. What staff do here is written to the audit log before it
// is done.
//
// Microscopes and detectors are those of the configuration, recipes the files that were read at the start; all stay the
// same until the server ends, so a page may keep them. Only who holds a microscope changes, and that is told on the
// `facility` topic.
extension RouteTable {
    static func facility(_ services: Services) -> [Route] {
        [
            Route(
                method: "GET", path: "/api/microscopes", access: .act(.watchFacility),
                summary: "The microscopes, and who holds each. Whoever may not see the session gets no name."
            ) { call, _ async throws(Problem) in
                let state = try await services.facilityState().state
                return .list(
                    try state.microscopes.map { entry throws(Problem) in
                        var json = try Wire.json(entry.microscope)
                        json["holder"] =
                            try entry.holder.map { holder throws(Problem) in
                                try Redaction.holder(holder, for: call.person)
                            } ?? .null
                        return json
                    })
            },
            Route(
                method: "GET", path: "/api/detectors", access: .act(.watchFacility), summary: "The detectors of the microscopes."
            ) {
                _, _ async throws(Problem) in
                .list(try services.facility.detectors.map { detector throws(Problem) in try Wire.json(detector) })
            },
            Route(method: "GET", path: "/api/recipes", access: .act(.watchFacility), summary: "The recipes for imaging a grid.") {
                _, _ async throws(Problem) in
                // `problems`: files of the facility's that cannot be followed; a recipe that they may name is not there.
                let book = services.engine.parts.recipes
                let problems = book.problems.map { problem in
                    JSONValue.object([
                        "sentence": .string(problem.sentence), "remedy": problem.remedy.map(JSONValue.string) ?? .null,
                    ])
                }
                return .value([
                    "items": .array(try book.all.map { recipe throws(Problem) in try Wire.json(recipe) }), "next": .null,
                    "problems": .array(problems),
                ])
            },
            Route(
                // For a lock whose run is gone, after a crash for instance. While the run lives it is 409
                // `scopeLock.living`, also for staff: such a run must be stopped or killed first. Even a removal in
                // error exposes nothing twice, since the epoch of the lock rises and an old holder's writes are
                // refused.
                method: "POST", path: "/api/microscopes/{microscope}/remove-lock", access: .act(.staffAct),
                summary: "Frees a microscope whose holder is gone.", body: .fields(["reason"], required: []), status: 202,
                isCommand: true, audit: .force("removeLock", on: "microscope")
            ) { call, body async throws(Problem) in
                let reason = try body.reason()
                let id = MicroscopeID(unchecked: call.parameter("microscope"))
                // The id becomes part of a file's name, so only one that is known goes on.
                guard IdentifierText.isWellFormed(id.rawValue),
                    try await services.facilityState().state.microscopes.contains(where: { $0.microscope.id == id })
                else { throw .unknown("microscope", id.rawValue) }
                try await services.asking { () async throws(EngineError) in
                    try await services.engine.removeLock(
                        of: id, by: call.person.username, reason: reason, command: call.command)
                }
                return .accepted(call.command)
            },
        ]
    }
}
