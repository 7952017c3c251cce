import Engine
import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

/// More from a grid that is done.
@Suite struct GridAgainTests {
    private func completed(grids: Int = 1) throws -> Scene {
        let scene = try Scene(grids: grids)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        return scene
    }

    private func refusal(_ scene: Scene, _ change: (inout QueueEdit) -> Void) throws -> EngineError? {
        let (id, edit) = (scene.id, try scene.queueEdit(change))
        return try scene.refusal { try await $0.edit(edit, of: id, by: "operator", command: "c") }
    }

    private func first(_ scene: Scene, _ kind: TargetID.Kind, _ status: TargetStatus, of slot: Int = 1) throws -> TargetID {
        try #require(try scene.targets(of: slot).first { $0.status == status && $0.id.kind == kind }).id
    }

    /// Without the looks at how a grid lies that was loaded again.
    private func maps(_ scene: Scene) -> Int {
        scene.commands("acquireAtlas").count { $0.args?.last?.hasSuffix("_atlas.mrc") == true }
    }

    @Test func `what is queued on a completed grid is imaged by the next start, on the maps that it has`() throws {
        let scene = try completed()
        let (hole, square, before) = (try first(scene, .hole, .found), try first(scene, .square, .found), maps(scene))
        let images = try scene.state.grids[0].images
        try scene.edit { $0.add = [hole, square] }
        let state = try scene.state
        #expect(state.grids[0].status == .waiting)
        #expect(state.grids[0].endedAt == nil)
        #expect(state.queue.items.map(\.id) == [hole, square])
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.micrographs().count { $0.id.hole == hole } == 2)
        #expect(try scene.targets().first { $0.id == square }?.status == .acquired)
        // The two exposures of the hole, and those of the two holes that the square gave.
        #expect(try scene.state.grids[0].images == images + 6)
        #expect(maps(scene) == before)
    }

    @Test func `a hole that was exposed is exposed once more only where somebody names it, knowing its dose`() throws {
        let scene = try completed()
        let hole = try first(scene, .hole, .completed)
        let done = try scene.state.grids[0].holesDone
        #expect(try refusal(scene) { $0.add = [hole] } == .exposed(hole, exposures: 2, dose: 80))
        #expect(try scene.state.queue.items == [])
        try scene.edit { $0.again = [hole] }
        #expect(try scene.state.queue.items.map(\.again) == [true])
        #expect(try scene.state.grids[0].holesDone == done - 1)
        let before = scene.exposed.count
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == before + 2)
        #expect(try scene.micrographs().filter { $0.id.hole == hole }.map(\.id.number) == [1, 2, 3, 4])
        #expect(try scene.state.grids[0].holesDone == done)
    }

    @Test func `a hole that is wanted once more and then is not stays done`() throws {
        let scene = try completed()
        let (hole, before) = (try first(scene, .hole, .completed), scene.exposed)
        let done = try scene.state.grids[0].holesDone
        try scene.edit { $0.again = [hole] }
        try scene.edit { $0.remove = [hole] }
        #expect(try scene.targets().first { $0.id == hole }?.status == .completed)
        #expect(try scene.state.grids[0].holesDone == done)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed == before)
    }

    @Test(arguments: 1...4)
    func `a crash in a second round gives no third`(command: Int) throws {
        var scene = try completed()
        let hole = try first(scene, .hole, .completed)
        let before = scene.exposed.count
        try scene.edit { $0.again = [hole] }
        try scene.start()
        let commands = scene.world.column().counters.commands
        let column = scene.world.column()
        let wanted = commands + 6 * command
        try #require(scene.life.executor.run(until: { column.counters.commands >= wanted }) == .reached)
        try scene.crash()
        try scene.start()
        if try scene.state.prompt != nil { try scene.answer("leave") }
        try scene.reach { $0.prompt != nil || !$0.status.needsHolder }
        if try scene.state.prompt?.kind == .exposureUnknown { try scene.answer("leave") }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == before + 2)
    }

    @Test func `a square whose holes were exposed is not mapped again, which would lose their places`() throws {
        let scene = try completed()
        let square = try first(scene, .square, .acquired)
        #expect(
            try refusal(scene) { $0.add = [square] }
                == .queueTarget(square, "was mapped, and holes of it were exposed: queue its holes instead"))
    }

    /// Mapped again, the square would give its holes anew: the one that waits would be another, or none.
    @Test func `no hole is queued whose square is to be mapped again`() throws {
        var settings = GridSettings.quick
        settings.holesPerSquare = 1
        let scene = try Scene(grids: 1, settings: settings)
        try scene.start()
        try scene.reachCommand("acquire", number: 2)
        try scene.stop()
        try scene.reachEnd()
        let square = try #require(try scene.targets().first { $0.id.kind == .square && $0.status == .acquired }).id
        let holes = try scene.targets().filter { $0.id.kind == .hole && $0.id.square == square }.map(\.id)
        try #require(scene.exposed.isEmpty && holes.count > 1)
        let queued = Set(try scene.state.queue.items.map(\.id))
        try scene.edit { $0.remove = holes.filter(queued.contains) }
        #expect(
            try refusal(scene) { $0.add = [square, holes[0]] }
                == .queueTarget(holes[0], "is in square \(square.number), which is to be mapped again first"))
        try scene.edit { $0.add = [square] }
        #expect(
            try refusal(scene) { $0.add = [holes[1]] }
                == .queueTarget(holes[1], "is in square \(square.number), which is to be mapped again first"))
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `what waits on a grid that fails waits for the next start, each hole with what it still lacks`() throws {
        let scene = try completed(grids: 2)
        // The second grid is on the stage.
        scene.world.column().add(SimulatedFault(.loaderJam, slot: 1, times: 1))
        let (hole, before) = (try first(scene, .hole, .found), scene.exposed.count)
        try scene.edit { $0.add = [hole] }
        try scene.start()
        try scene.reachEnd()
        #expect(try scene.state.grids[0].status == .failed)
        #expect(try scene.state.queue.items.map(\.id) == [hole])
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.exposed.count == before + 2)
        #expect(try scene.micrographs().count { $0.id.hole == hole } == 2)
    }

    @Test func `a target of another grid waits for its turn, and costs one load`() throws {
        let scene = try Scene(grids: 3)
        try scene.start()
        try scene.reach { $0.grids[1].status == .running && $0.queue.items.contains { $0.id.kind == .hole } }
        let hole = try first(scene, .hole, .found)
        try scene.edit { $0.add = [hole] }
        #expect(try scene.state.grids.map(\.status) == [.waiting, .running, .waiting])
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.commands("load").count == 4)
        #expect(maps(scene) == 3)
        #expect(try scene.micrographs().count { $0.id.hole == hole } == 2)
        #expect(try scene.state.grids.allSatisfy { $0.status == .completed })
    }

    @Test func `one edit may touch several grids, all of it or nothing`() throws {
        let scene = try completed(grids: 2)
        let holes = [try first(scene, .hole, .found), try first(scene, .hole, .found, of: 2)]
        let version = try scene.state.queue.version
        let unknown = TargetID(hole: 9999, of: holes[1].square)
        #expect(try refusal(scene) { $0.add = holes + [unknown] } == .unknown("target", id: unknown.rawValue))
        #expect(try scene.state.queue.version == version)
        #expect(try scene.state.grids.allSatisfy { $0.status == .completed })
        try scene.edit {
            $0.add = holes
            $0.first = [holes[1]]
        }
        #expect(try scene.state.queue.items.map(\.id) == holes.reversed())
        #expect(try scene.state.queue.version == version + 2)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.micrographs(of: 2).contains { $0.id.hole == holes[1] })
    }
}
