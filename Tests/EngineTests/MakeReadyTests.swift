import Microscope
import RunModel
import TestSupport
import Testing

@Suite struct MakeReadyTests {
    private func tilted(_ angle: Double = 30, grids: Int = 2) throws -> Scene {
        var settings = GridSettings.quick
        settings.tiltAngle = angle
        return try Scene(grids: grids, settings: settings)
    }

    @Test func `the column is prepared for each level before its first image`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reachEnd()
        var level = ""
        for entry in scene.ledger {
            if entry.kind == .command, entry.name == "prepare" { level = entry.args?[0] ?? "" }
            guard entry.kind == .exposure else { continue }
            let wanted = ["M": "atlas", "S": "square", "V": "hole", "R": "exposure"]
            #expect(level == wanted[entry.preset ?? ""], "\(entry.name ?? "")")
        }
        // An atlas, a square and its two holes with two exposures each, twice.
        #expect(scene.commands("prepare").count == 1 + 2 * (1 + 2 * 2))
    }

    @Test func `a stop is heard before the column is prepared`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reachCommand("prepare", number: 3)
        try scene.stop()
        try scene.reachEnd()
        #expect(scene.commands("prepare").count == 3)
    }

    @Test func `maps are made with the stage level, and exposures at the angle`() throws {
        let scene = try tilted()
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        var tilt: Double?
        var exposures = 0
        for entry in scene.ledger {
            if entry.kind == .command, entry.name == "tilt" { tilt = entry.args?.first.flatMap(Double.init) }
            if entry.kind == .command, entry.name == "load" { #expect(tilt ?? 0 == 0) }
            guard entry.kind == .exposure else { continue }
            #expect(tilt == (entry.preset == "R" ? 30 : 0), "\(entry.name ?? "")")
            exposures += entry.preset == "R" ? 1 : 0
        }
        #expect(exposures == 16)
        #expect(tilt == 0)
    }

    @Test func `a hole is centred again once the stage is tilted`() throws {
        let scene = try tilted(grids: 1)
        try scene.start()
        try scene.reachEnd()
        let steps = scene.commands(["tilt", "realign", "record"]).map {
            $0.name == "tilt" ? "tilt \($0.args?[0] ?? "")" : $0.name ?? ""
        }
        let hole = ["realign", "tilt 30.0", "realign", "record", "record", "tilt 0.0"]
        #expect(
            steps.split(separator: "tilt 0.0").contains(["realign", "realign", "tilt 30.0", "realign", "record", "record"][...]))
        #expect(steps.suffix(6) == hole[...])
    }

    @Test func `a session without an angle levels the stage once, as a run cut short may have left it tilted`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachEnd()
        #expect(scene.commands("tilt").map(\.args) == [["0.0"]])
    }

    @Test func `a stop levels the stage behind closed valves`() throws {
        let scene = try tilted()
        try scene.start()
        try scene.reach { $0.exposure != nil }
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        let end = scene.commands(["setValves", "tilt"]).suffix(2)
        #expect(end.map(\.args) == [["closed"], ["0.0"]])
    }

    @Test func `an angle out of reach is the targets' failure and says so`() throws {
        let scene = try tilted(75, grids: 1)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .targetsFailAlike }
        try scene.answer("continue")
        try scene.reachEnd()
        let problems = try scene.targets().compactMap(\.problem)
        #expect(Set(problems) == ["A tilt of 75° is out of reach."])
        #expect(scene.exposed.isEmpty)
    }
}
