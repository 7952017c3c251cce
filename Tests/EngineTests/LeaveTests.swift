import Engine
import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct LeaveTests {
    /// A session whose link is lost at a microscope that takes its time to let somebody in.
    private func lost() throws -> Scene {
        var column = ColumnSettings()
        column.durations.connect = 4
        let scene = try Scene(
            grids: 1, faults: [SimulatedFault(.linkLost, command: "moveStage", number: 2, moment: .before)], column: column)
        try scene.start()
        try scene.reach { $0.notices.contains { $0.id == "microscopeLost" } }
        return scene
    }

    @Test func `a stop over a lost link has the time that the microscope needs to close its valves`() throws {
        let scene = try lost()
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(try scene.state.notices.isEmpty)
    }

    @Test func `a force-kill does not wait for that`() throws {
        let scene = try lost()
        try scene.stop()
        scene.pass(.seconds(1))
        let asked = scene.life.executor.now
        try scene.kill()
        #expect(asked.duration(to: scene.life.executor.now) <= .seconds(2))
        try scene.checkAtRest(.killed, valvesClosed: false)
        #expect(try scene.state.notices.map(\.id) == ["valves"])
    }
}
