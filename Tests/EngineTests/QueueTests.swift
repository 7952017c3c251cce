import Engine
import Microscope
import RunModel
import TestSupport
import Testing

@Suite struct QueueTests {
    /// A run that is at its first hole, so that squares and holes are queued and others are found.
    private func running(_ vendor: Vendor = .thermoFisher, mode: RunMode = .screening, squares: Int = 3) throws -> Scene {
        var settings = GridSettings.quick
        settings.squaresPerGrid = squares
        settings.holesPerSquare = 3
        settings.mode = mode
        let scene = try Scene(grids: 2, vendor: vendor, settings: settings)
        try scene.start()
        try scene.reach { $0.queue.items.contains { $0.id.kind == .hole } }
        return scene
    }

    private func refusal(_ scene: Scene, _ change: (inout QueueEdit) -> Void) throws -> EngineError? {
        let (id, edit) = (scene.id, try scene.queueEdit(change))
        return try scene.refusal { try await $0.edit(edit, of: id, by: "operator", command: "c") }
    }

    private func found(_ scene: Scene) throws -> TargetID {
        try #require(try scene.targets().first { $0.status == .found && $0.id.kind == .hole }).id
    }

    @Test func `an edit does all that it says in one event`() throws {
        let scene = try running()
        let before = try scene.state.queue
        let (new, ids) = (try found(scene), before.items.map(\.id))
        try scene.edit {
            $0.add = [new]
            $0.remove = [ids[0]]
            $0.skip = [ids[1]]
            $0.first = [new]
        }
        let after = try scene.state.queue
        #expect(after.version == before.version + 1)
        #expect(after.items.map(\.id) == [new] + ids.dropFirst())
        #expect(after.items.filter(\.isSkipped).map(\.id) == [ids[1]])
        #expect(try scene.targets().first { $0.id == ids[0] }?.status == .found)
        #expect(try scene.targets().first { $0.id == ids[1] }?.status == .skipped)
        #expect(try scene.targets().first { $0.id == new }?.status == .queued)
        try scene.edit { $0.unskip = [ids[1]] }
        #expect(try scene.targets().first { $0.id == ids[1] }?.status == .queued)
        try scene.edit { $0.order = ids.dropFirst().reversed() }
        #expect(try scene.state.queue.items.map(\.id) == ids.dropFirst().reversed() + [new])
    }

    @Test func `a stale version changes nothing`() throws {
        let scene = try running()
        let stale = try scene.queueEdit { $0.remove = [] }
        let new = try found(scene)
        try scene.edit { $0.add = [new] }
        let before = try scene.state.queue
        let id = scene.id
        var edit = stale
        edit.remove = [new]
        let asked = edit
        let refusal = try scene.refusal { try await $0.edit(asked, of: id, by: "operator", command: "c") }
        #expect(refusal == .queueChanged(version: before.version))
        #expect(try scene.state.queue == before)
    }

    @Test func `one target that cannot be had refuses the whole edit`() throws {
        let scene = try running()
        let before = try scene.state.queue
        let new = try found(scene)
        let grid = GridID(scene.id, slot: 1)
        let unknown = TargetID(square: 9999, of: grid)
        let done = try #require(try scene.targets().first { $0.status == .acquired }).id
        let queued = before.items[0].id
        let elsewhere = TargetID(square: 1, of: GridID(scene.id, slot: 2))
        #expect(try refusal(scene) { $0.add = [new, unknown] } == .unknown("target", id: unknown.rawValue))
        guard case .queueTarget(done, let why)? = try refusal(scene, { $0.add = [done, new] }) else {
            Issue.record("a square whose holes are being imaged can be queued")
            return
        }
        #expect(why.hasPrefix("was mapped, and hole"))
        #expect(try refusal(scene) { $0.add = [new, queued] } == .queueTarget(queued, "is queued and cannot be queued"))
        #expect(try refusal(scene) { $0.add = [new, elsewhere] } == .unknown("target", id: elsewhere.rawValue))
        #expect(try refusal(scene) { $0.add = [new, new] } == .queueTarget(new, "is named twice"))
        #expect(
            try refusal(scene) {
                $0.add = [new]
                $0.remove = [new]
            } == .queueTarget(new, "is named twice"))
        #expect(
            try refusal(scene) {
                $0.remove = [queued]
                $0.skip = [queued]
            } == .queueTarget(queued, "is named twice"))
        #expect(
            try refusal(scene) {
                $0.add = [new]
                $0.remove = [unknown]
            } == .unknown("target", id: unknown.rawValue))
        #expect(
            try refusal(scene) {
                $0.add = [new]
                $0.skip = [done]
            } == .queueChanged(version: before.version))
        #expect(try scene.state.queue == before)
        #expect(try scene.targets().first { $0.id == new }?.status == .found)
    }

    @Test func `what nobody has found yet cannot be queued`() throws {
        let scene = try Scene(grids: 1)
        let target = TargetID(square: 1, of: GridID(scene.id, slot: 1))
        #expect(try refusal(scene) { $0.add = [target] } == .unknown("target", id: target.rawValue))
    }

    @Test func `a queue edited while stopped is what the next run images`() throws {
        let scene = try running()
        try scene.stop()
        try scene.reachEnd()
        let (new, ids) = (try found(scene), try scene.state.queue.items.map(\.id))
        try scene.edit {
            $0.add = [new]
            $0.remove = ids
        }
        try scene.start()
        try scene.reach { $0.grids[0].status == .completed }
        #expect(
            try scene.targets().filter { $0.id.kind == .hole && $0.status != .found && $0.id != new && !ids.contains($0.id) }
                .count <= 1)
        #expect(try scene.micrographs().contains { $0.id.hole == new })
        #expect(try !scene.micrographs().contains { ids.contains($0.id.hole) })
    }

    @Test func `what is skipped is not imaged and stays skipped`() throws {
        let scene = try running()
        let hole = try #require(try scene.state.queue.items.last { $0.id.kind == .hole }).id
        try scene.edit { $0.skip = [hole] }
        try scene.reach { $0.grids[0].status == .completed }
        #expect(try scene.targets().first { $0.id == hole }?.status == .skipped)
        #expect(try !scene.micrographs().contains { $0.id.hole == hole })
    }

    @Test(arguments: [
        (Vendor.thermoFisher, RunMode.screening, "shhhshhhshhh"), (.thermoFisher, .dataCollection, "ssshhhhhhhhh"),
        (.jeol, .screening, "ssshhhhhhhhh"), (.jeol, .dataCollection, "ssshhhhhhhhh"),
    ])
    func `the order of squares and holes follows mode and maker`(vendor: Vendor, mode: RunMode, order: String) throws {
        let scene = try running(vendor, mode: mode)
        try scene.reach { $0.grids[0].status == .completed }
        let taken = try scene.events().compactMap { event -> String? in
            guard case .queueChanged(let news) = event.event, let id = news.taken.first, id.grid.slot == 1 else { return nil }
            return id.kind == .square ? "s" : "h"
        }
        #expect(taken.joined() == order)
    }
}
