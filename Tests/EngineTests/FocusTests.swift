import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct FocusTests {
    private func scene(distance: Double, faults: [SimulatedFault] = []) throws -> Scene {
        var settings = GridSettings.quick
        settings.focusDistance = .micrometres(distance)
        return try Scene(grids: 1, settings: settings, faults: faults)
    }

    @Test func `a distance of 0 measures before every exposure`() throws {
        let scene = try scene(distance: 0)
        try scene.start()
        try scene.reachEnd()
        #expect(scene.commands("autofocus").count == 8)
        #expect(scene.commands("changeFocus").isEmpty)
    }

    @Test func `within the distance the defocus only goes on along the series`() throws {
        let scene = try scene(distance: 1000)
        try scene.start()
        try scene.reachEnd()
        #expect(scene.commands("autofocus").map(\.args) == [["-1.0"]])
        // Five values in the series, then the first again.
        let steps = scene.commands("changeFocus").compactMap { $0.args?.first.flatMap(Double.init) }
        #expect(steps.map { ($0 * 100).rounded() } == [-25, -25, -25, -25, 100, -25, -25])
        #expect(try scene.micrographs().map(\.measuredDefocus).dropFirst().allSatisfy { $0 == nil })
    }

    @Test func `exposures of one hole share a measurement, and a hole beyond the distance has its own`() throws {
        let scene = try scene(distance: 1)
        try scene.start()
        try scene.reachEnd()
        let measured = try scene.micrographs().filter { $0.measuredDefocus != nil }
        #expect(measured.map(\.id.number) == [1, 1, 1, 1])
    }

    @Test func `nothing is changed where the series has one value`() throws {
        var settings = GridSettings.quick
        settings.focusDistance = .micrometres(1000)
        settings.defocus.step = .zero
        let scene = try Scene(grids: 1, settings: settings)
        try scene.start()
        try scene.reachEnd()
        #expect(scene.commands("autofocus").count == 1)
        #expect(scene.commands("changeFocus").isEmpty)
    }

    @Test func `a new cartridge and a link that came back are focused anew`() throws {
        var settings = GridSettings.quick
        settings.focusDistance = .micrometres(1000)
        let scene = try Scene(
            grids: 2, settings: settings, faults: [SimulatedFault(.linkLost, command: "record", number: 3, moment: .before)])
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(scene.commands("autofocus").count == 3)
    }
}
