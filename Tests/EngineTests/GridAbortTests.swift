import Engine
import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

/// Grids that somebody closes, leaves out or takes up again.
@Suite struct GridAbortTests {
    private func grid(_ slot: Int) -> GridID { GridID("first", slot: slot) }

    private func abort(_ scene: Scene, _ slot: Int = 1) throws {
        let (id, grid) = (scene.id, grid(slot))
        try scene.order { try await $0.abort(grid, of: id, by: "operator", command: "c") }
    }
    private func leaveOut(_ scene: Scene, _ slot: Int) throws {
        let (id, grid) = (scene.id, grid(slot))
        try scene.order { try await $0.leaveOut(grid, of: id, by: "operator", command: "c") }
    }
    private func takeUp(_ scene: Scene, _ slot: Int) throws {
        let (id, grid) = (scene.id, grid(slot))
        try scene.order { try await $0.takeUp(grid, of: id, by: "operator", command: "c") }
    }
    private func refusal(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? EngineError)?.sentence ?? "\(error)"
        }
    }

    @Test func `an abort finishes the exposure under way and goes on with the next grid`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachCommand("record")
        try abort(scene)
        #expect(try scene.state.grids[0].status == .stopping)
        try scene.reach { $0.grids[0].status == .aborted }
        #expect(scene.exposed.count == 1)
        #expect(try scene.state.queue.items == [])
        #expect(try scene.state.status == .running)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.status) == [.aborted, .completed])
        #expect(try scene.state.grids.map(\.images) == [1, 8])
        #expect(try scene.state.outcome?.completed?.failures == "1 of 2 grids was aborted")
        #expect(try !scene.targets().contains { [.queued, .acquiring].contains($0.status) })
    }

    @Test(arguments: [
        "slots", "load", "columnState", "acquireAtlas", "moveStage", "realign", "findEucentricHeight", "acquire", "autofocus",
        "measureDrift",
    ])
    func `an abort during any command closes the grid after it`(command: String) throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachCommand(command)
        guard try scene.state.grids[0].status.isUnderWay else { return }
        try abort(scene)
        try scene.reach { $0.grids[0].status == .aborted }
        #expect(scene.exposed == [])
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [0, 8])
    }

    @Test func `an abort answers the question at the grid's end by itself`() throws {
        let scene = try Scene(pauses: true)
        try scene.start()
        try scene.reach { $0.prompt != nil }
        try abort(scene)
        #expect(try scene.state.prompt == nil)
        try scene.reach { $0.grids[0].status == .aborted }
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.prompt?.grid == grid(2))
    }

    @Test func `a grid that was being aborted when the program died is closed when it comes back`() throws {
        var scene = try Scene()
        try scene.start()
        try scene.reach { _ in scene.exposed.count == 1 }
        try abort(scene)
        try scene.crash()
        #expect(try scene.state.grids[0].status == .aborted)
        #expect(try scene.state.queue.items == [])
        try scene.start()
        try scene.reach { $0.prompt != nil || !$0.status.needsHolder }
        if try scene.state.prompt != nil { try scene.answer("leave") }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids[0].status == .aborted)
        #expect(scene.exposed.count == 9)
        #expect(try !scene.targets().contains { [.queued, .acquiring, .unknown].contains($0.status) })
    }

    @Test func `a session whose only grid was aborted is over, and says so`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reachCommand("record")
        try abort(scene)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.outcome?.completed?.failures == "1 of 1 grids was aborted")
    }

    @Test func `an abort is not forgotten where the command under way fails`() throws {
        let scene = try Scene(faults: [SimulatedFault(.loaderJam, slot: 1)])
        try scene.start()
        try scene.reachCommand("load")
        try abort(scene)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.status) == [.aborted, .completed])
    }

    @Test func `targets are not queued on a grid that is being aborted`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachCommand("record")
        let hole = try #require(try scene.targets().first { $0.status == .found && $0.id.kind == .hole }).id
        try abort(scene)
        let (id, edit) = (scene.id, try scene.queueEdit { $0.add = [hole] })
        let refusal = try scene.refusal { try await $0.edit(edit, of: id, by: "operator", command: "c") }
        #expect(refusal?.sentence == "Grid 1 grid1 is being aborted.")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
    }

    @Test func `a session whose last grid was being aborted when the program died leaves the column at the next start`() throws {
        var scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { _ in scene.exposed.count == 1 }
        try abort(scene)
        try scene.crash()
        #expect(try scene.state.grids[0].status == .aborted)
        #expect(try scene.state.status == .interrupted)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.outcome?.completed?.failures == "1 of 1 grids was aborted")
        #expect(scene.exposed.count == 1)
        #expect(try !scene.targets().contains { [.queued, .acquiring, .unknown].contains($0.status) })
    }

    @Test func `a grid that failed, was left out and is taken up again is come to by the same run`() throws {
        let scene = try Scene(grids: 2, faults: [SimulatedFault(.loaderJam, slot: 1, times: 1)])
        try scene.start()
        try scene.reach { $0.grids[0].status == .failed }
        try leaveOut(scene, 1)
        try takeUp(scene, 1)
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.status) == [.completed, .completed])
    }

    @Test func `a stop outranks an abort, which is not forgotten`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachCommand("record")
        try abort(scene)
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(try scene.state.grids.map(\.status) == [.aborted, .waiting])
    }

    @Test func `a kill after an abort closes the grid`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reachCommand("acquire")
        try abort(scene)
        try scene.kill()
        try scene.reachEnd()
        #expect(try scene.state.status == .killed)
        #expect(try scene.state.grids[0].status == .aborted)
    }

    @Test func `a grid that was left out is not loaded, until somebody takes it up`() throws {
        let scene = try Scene(grids: 3)
        try leaveOut(scene, 2)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.status) == [.completed, .leftOut, .completed])
        #expect(try scene.state.outcome?.completed?.grids == 2)
        #expect(try scene.state.outcome?.completed?.failures == nil)
        #expect(scene.commands("load").count == 2)
        try takeUp(scene, 2)
        try scene.start()
        try scene.reachEnd()
        #expect(try scene.state.grids.map(\.status) == [.completed, .completed, .completed])
        #expect(scene.commands("load").count == 3)
    }

    @Test func `an aborted grid that is taken up again goes on with its maps`() throws {
        let scene = try Scene()
        try scene.start()
        try scene.reach { $0.queue.items.contains { $0.id.kind == .hole } }
        try abort(scene)
        try scene.reachEnd()
        let atlases = { scene.commands("acquireAtlas").count { $0.args?.last?.hasSuffix("_atlas.mrc") == true } }
        let before = atlases()
        let hole = try #require(try scene.targets().first { $0.status == .found && $0.id.kind == .hole }).id
        try scene.edit { $0.add = [hole] }
        #expect(try scene.state.grids[0].status == .waiting)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(atlases() == before)
        #expect(try scene.micrographs().map(\.id.hole) == [hole, hole])
    }

    @Test func `what makes no sense for a grid is refused with the reason`() throws {
        let scene = try Scene()
        #expect(refusal { try abort(scene, 1) } == "Grid 1 grid1 is not being imaged: leave it out instead.")
        #expect(refusal { try takeUp(scene, 1) } == "Grid 1 grid1 is open already.")
        #expect(refusal { try abort(scene, 9) } == "There is no grid first.g9.")
        try scene.start()
        try scene.reachCommand("acquire")
        #expect(refusal { try leaveOut(scene, 1) } == "Grid 1 grid1 has been begun: abort it instead.")
        try abort(scene)
        #expect(refusal { try abort(scene) } == "Grid 1 grid1 is being aborted already.")
        try scene.reachEnd()
        #expect(refusal { try abort(scene) } == "Grid 1 grid1 is closed already.")
        try leaveOutAll(scene)
        let id = scene.id
        #expect(try scene.refusal { try await $0.start(id, by: "operator", command: "c") } == .nothingToRun)
    }

    private func leaveOutAll(_ scene: Scene) throws {
        for grid in try scene.state.grids where grid.status == .waiting { try leaveOut(scene, grid.grid.slot) }
    }
}
