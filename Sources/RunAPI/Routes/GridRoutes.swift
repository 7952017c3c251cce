import JSONText
import RunModel
import Store
import WebServer

// Grids as their reports show them, all from the store: a grid can be read while it is imaged, and years later in the
// same way. A grid's id begins with its session's, which is how the router knows whose rights to check.
//
// Each answer is one moment of the grid. A page that wants to stay up to date subscribes to `grid/ID` and gets the same
// state there; `seq` is the number of the last event in it, for a script that reads once and then follows the events.
extension RouteTable {
    static func grids(_ services: Services) -> [Route] {
        [
            Route(method: "GET", path: "/api/grids/{grid}", access: .session(.readSession), summary: "The report of a grid.") {
                call, _ async throws(Problem) in
                let snapshot = try await services.gridState(call.grid)
                var json = try Wire.json(snapshot.state)
                json["seq"] = .integer(Int(snapshot.seq))
                return .value(json)
            },
            Route(
                method: "GET", path: "/api/grids/{grid}/targets", access: .session(.readSession), summary: "Squares, then holes."
            ) { call, _ async throws(Problem) in
                let state = try await services.gridState(call.grid).state
                // Not in pages: a grid has some hundred squares and holes, and a script that plans exposures wants them
                // of one moment.
                return .list(try (state.squares + state.holes).map { target throws(Problem) in try Wire.json(target) })
            },
        ]
    }
}

extension Services {
    /// 404 for a grid that the store does not know. The state and its number are read together, so that the next event
    /// fits onto it.
    func gridState(_ id: GridID) async throws(Problem) -> Snapshot<GridState> {
        guard let snapshot = try await reading({ store throws(StoreError) in try store.state(of: id) }) else {
            throw .unknown("grid", id.rawValue)
        }
        return snapshot
    }
}
