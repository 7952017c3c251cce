import Engine
import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct WatchBeamTests {
    enum Cause: String, CaseIterable { case valveClosed, darkImages, frozenImages }

    private func begin(_ cause: Cause, in scene: Scene) {
        let column = scene.world.column()
        switch cause {
        case .valveClosed: column.add(SimulatedFault(.valveShut, at: 0))
        case .darkImages: column.add(SimulatedFault(.darkImages))
        case .frozenImages: column.add(SimulatedFault(.frozenImages))
        }
    }

    /// Exposures per hole, and how many were taken before it began.
    @Test(arguments: Cause.allCases, [(1, 1), (1, 2), (2, 1), (2, 2), (3, 2)])
    func `within two exposures the run waits and says why`(cause: Cause, place: (perHole: Int, before: Int)) throws {
        var settings = GridSettings.quick
        settings.exposuresPerHole = place.perHole
        let scene = try Scene(settings: settings)
        try scene.start()
        try scene.reachCommand("record", number: place.before + 1)
        begin(cause, in: scene)
        try scene.reach("the run does not wait") { state in
            state.prompt?.kind == .imagesSuspect || state.notices.contains { $0.id == "valves" }
        }
        scene.pass(.seconds(3600))
        #expect(scene.exposed.count <= place.before + 2)
        let notice = try #require(try scene.state.notices.first)
        switch cause {
        case .valveClosed: #expect(notice.sentence == "The column valves were closed at the microscope.")
        case .darkImages: #expect(notice.sentence == "The images are dark.")
        case .frozenImages: #expect(notice.sentence == "The camera hands over the same image again.")
        }
    }

    private func doubted(_ cause: Cause = .frozenImages) throws -> Scene {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reachCommand("record")
        begin(cause, in: scene)
        try scene.reach { $0.prompt?.kind == .imagesSuspect }
        return scene
    }

    @Test func `the question says what was seen and what to check`() throws {
        let scene = try doubted()
        let prompt = try #require(try scene.state.prompt)
        #expect(prompt.answers == [.continue])
        #expect(prompt.cause?.hasPrefix("The camera hands over the same image again. Two exposures in a row") == true)
        #expect(try scene.state.status == .paused)
        #expect(try scene.lines().contains { $0.level == .error && $0.source == "beam" })
    }

    @Test func `after an answer the watch begins anew`() throws {
        let scene = try doubted()
        let exposed = scene.exposed.count
        try scene.answer("continue")
        try scene.reach { $0.prompt == nil && $0.notices.isEmpty }
        try scene.reach { $0.prompt?.kind == .imagesSuspect }
        #expect(scene.exposed.count == exposed + 2)
        scene.world.column().setFaults([])
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].images == 8)
    }

    @Test func `one dark image pauses nothing`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reachCommand("record", number: 3)
        scene.world.column().add(SimulatedFault(.darkImages, times: 1))
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.process.prompts == 0)
    }

    @Test func `the question outlives kill -9, and the next run asks it before it exposes`() throws {
        var scene = try doubted()
        let prompt = try scene.state.prompt
        try scene.crash()
        #expect(try scene.state.prompt == prompt)
        let exposed = scene.exposed.count
        try scene.start()
        try scene.reach { $0.status == .paused }
        scene.pass(.seconds(600))
        #expect(try scene.state.prompt == prompt)
        #expect(scene.exposed.count == exposed)
        scene.world.column().setFaults([])
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `an answer given while no run lives lets the next one begin`() throws {
        var scene = try doubted()
        try scene.crash()
        scene.world.column().setFaults([])
        try scene.answer("continue")
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a stop at the question withdraws it`() throws {
        let scene = try doubted()
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(try scene.state.prompt == nil)
        #expect(try scene.state.notices.isEmpty)
    }
}
