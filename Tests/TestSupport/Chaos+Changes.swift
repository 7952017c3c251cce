import Engine
import RunModel

// What people change of a session while it waits or runs.
extension Chaos {
    mutating func changeGrids() throws {
        let grids = try life.state(session).grids.map(\.grid)
        let grid = grids[random.index(below: grids.count)]
        switch random.index(below: 6) {
        case 0:
            try order("abort grid \(grid.slot)") { engine, session in
                try await engine.abort(grid.id, of: session, by: "operator", command: "c")
            }
        case 1:
            try order("leave out grid \(grid.slot)") { engine, session in
                try await engine.leaveOut(grid.id, of: session, by: "operator", command: "c")
            }
        case 2:
            try order("take up grid \(grid.slot)") { engine, session in
                try await engine.takeUp(grid.id, of: session, by: "operator", command: "c")
            }
        case 3:
            let reversed: [GridID] = grids.map(\.id).reversed()
            try order("order grids") { engine, session in
                try await engine.order(reversed, of: session, by: "operator", command: "c")
            }
        case 4:
            var renamed = grid
            renamed.name = "renamed_\(grid.slot)_\(random.index(below: 3))"
            let wanted = renamed
            try order("rename grid \(grid.slot)") { engine, session in
                try await engine.change(wanted, of: session, by: "operator", command: "c")
            }
        default:
            let added = Grid(
                id: GridID(session, slot: 3), name: "added", slot: 3, holeType: grid.holeType, meshMaterial: grid.meshMaterial,
                recipe: grid.recipe)
            try order("add grid 3") { engine, session in
                try await engine.add(added, to: session, by: "operator", command: "c")
            }
        }
    }

    mutating func changeSettings() throws {
        let seen = try life.state(session).session.settings
        var settings = seen
        switch random.index(below: 4) {
        case 0: settings.squaresPerGrid = random.index(below: 2) + 1
        case 1: settings.holesPerSquare = random.index(below: 2) + 1
        case 2: settings.exposuresPerHole = random.index(below: 2) + 1
        default: settings.tiltAngle = random.isOnce(in: 2) ? 0 : 10
        }
        let wanted = settings
        try order("settings") { engine, session in
            try await engine.changeSettings(from: seen, to: wanted, of: session, by: "operator", command: "c")
        }
    }
}
