import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct ImageShiftTests {
    private func scene(limit: Double, tilt: Double = 0, faults: [SimulatedFault] = []) throws -> Scene {
        var settings = GridSettings.quick
        settings.imageShiftLimit = .micrometres(limit)
        settings.tiltAngle = tilt
        settings.exposuresPerHole = 1
        settings.squaresPerGrid = 1
        settings.holesPerSquare = 12
        return try Scene(grids: 1, settings: settings, faults: faults)
    }

    private func holeAlignments(_ scene: Scene) -> Int { scene.commands("realign").count { $0.args?.first == "hole" } }

    @Test func `a limit of 0 goes to every hole with the stage`() throws {
        let scene = try scene(limit: 0)
        try scene.start()
        try scene.reachEnd()
        let taken = try scene.micrographs()
        #expect(!taken.isEmpty)
        #expect(holeAlignments(scene) == taken.count)
    }

    @Test func `holes within the limit of a centred one are reached without the stage`() throws {
        let scene = try scene(limit: 8)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        let taken = try scene.micrographs()
        #expect(holeAlignments(scene) < taken.count)
        #expect(taken.allSatisfy { $0.imageShift.length <= .micrometres(8.5) })
    }

    /// Wherever the beam went, it went to the hole: the map's place for it and the place that was exposed agree.
    @Test func `an exposure by image shift falls on its own hole`() throws {
        let scene = try scene(limit: 8)
        try scene.start()
        try scene.reachEnd()
        for micrograph in try scene.micrographs() {
            let hole = try #require(try scene.targets().first { $0.id == micrograph.id.hole })
            let beam = micrograph.stage.moved(by: micrograph.imageShift)
            #expect(beam.distance(to: hole.stage) < .micrometres(1.5))
        }
    }

    @Test func `on a tilted stage every hole is gone to`() throws {
        let scene = try scene(limit: 8, tilt: 30)
        try scene.start()
        try scene.reachEnd()
        // Once to find it and once more at the tilt.
        #expect(holeAlignments(scene) == 2 * (try scene.micrographs().count))
    }

    @Test func `a hole that was centred again on a tilted stage is not corrected by what was seen before`() throws {
        let scene = try scene(limit: 8, tilt: 30)
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        // Each hole's own image showed it beside the middle, and that was before the tilt.
        #expect(try scene.targets().contains { ($0.offset?.length ?? .zero) > .zero })
        #expect(try scene.micrographs().allSatisfy { $0.imageShift == .zero })
    }

    @Test func `what a hole's image showed is forgotten by a tilt, also where nothing centres the hole again`() throws {
        var settings = GridSettings.quick
        (settings.tiltAngle, settings.exposuresPerHole, settings.imageShiftLimit) = (30, 1, .zero)
        let scene = try Scene(grids: 1, settings: settings)
        var created = scene.world.session("stained", grids: 1, settings: settings)
        created.grids[0].recipe = "negative_stain"
        let stained = created
        try scene.order { try await $0.create(stained) }
        try scene.order { try await $0.setPauseBetweenGrids(false, "stained", by: "operator", command: "c") }
        try scene.order { try await $0.start("stained", by: "operator", command: "c") }
        try #require(try scene.life.run("stained") { !$0.status.needsHolder && $0.status != .ready })
        let taken = try scene.world.store.micrographs(of: GridID("stained", slot: 1)) ?? []
        #expect(taken.count == 4 && taken.allSatisfy { $0.imageShift == .zero })
    }

    @Test func `a link that came back finds its hole anew`() throws {
        let quiet = try scene(limit: 8)
        try quiet.start()
        try quiet.reachEnd()
        // The link is lost after the exposure before the first one that was reached by image shift.
        let first = try #require(try quiet.micrographs().firstIndex { $0.imageShift.length > .micrometres(1.5) })
        let lost = try scene(limit: 8, faults: [SimulatedFault(.linkLost, command: "record", number: first, moment: .after)])
        try lost.start()
        try lost.reachEnd()
        try lost.checkAtRest(.completed)
        #expect(try lost.micrographs()[first].imageShift.length < .micrometres(1.5))
    }
}
