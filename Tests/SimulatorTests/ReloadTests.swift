import Foundation
import Imaging
import Microscope
import RunModel
import TestSupport
import Testing

@testable import Simulator

/// A grid that is loaded again lies otherwise, and is found again on its images.
@Suite struct ReloadTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func settings() -> ColumnSettings {
        var settings = ColumnSettings()
        (settings.reloadTurn, settings.reloadShift) = (3, .micrometres(40))
        return settings
    }

    @Test func `squares and holes move with the grid, and stay what they are`() throws {
        let column = SimulatedColumn(settings: settings(), seed: 5)
        column.change { $0.putOnStage(1) }
        let first = try #require(column.specimenOnStage)
        #expect(column.placementOnStage == SimulatedPlacement(slot: 1, turn: 0, shift: .zero))
        column.change { $0.putOnStage(2) }
        column.change { $0.putOnStage(1) }
        let second = try #require(column.specimenOnStage)
        let placement = try #require(column.placementOnStage)
        #expect(abs(abs(placement.turn) * 180 / .pi - 3) < 1e-9)
        #expect(abs(placement.shift.length.micrometres - 40) < 1e-9)
        #expect(first.squares.map(\.targetClass) == second.squares.map(\.targetClass))
        for (before, after) in zip(first.squares, second.squares).prefix(9) {
            let (holes, again) = (first.holes(of: before), second.holes(of: after))
            #expect(holes.map(\.targetClass) == again.map(\.targetClass) && holes.map(\.row) == again.map(\.row))
            for (hole, moved) in zip(holes, again) {
                let expected =
                    hole.centre.turned(by: placement.turn)
                    + SpecimenPoint(
                        x: placement.shift.x.micrometres, y: placement.shift.y.micrometres)
                #expect((moved.centre - expected).length < 1e-6)
            }
        }
    }

    @Test func `its place is known again from a quick look, and another grid is not taken for it`() throws {
        let bench = Bench(settings: settings(), camera: RenderingCamera(size: 256, pixelSize: 2, renderer: InlineRenderer()))
        func look(slot: Int, tiles: Int, _ name: String) throws -> (Image, MapImage) {
            let file = folder.path(of: "\(name).mrc")
            let clock = bench.executor.clock
            let map = try bench.run { scope in
                try await scope.load(slot: slot)
                try await scope.setValves(open: true)
                try await clock.sleep(for: .seconds(120))
                return try await scope.acquireAtlas(tiles: tiles, into: file)
            }
            return (try MRCFile.image(path: file), map)
        }
        try bench.run { try await $0.connect(greeting: "test") }
        let (atlas, map) = try look(slot: 1, tiles: 3, "atlas")
        let (other, otherMap) = try look(slot: 2, tiles: 2, "other")
        let (again, againMap) = try look(slot: 1, tiles: 2, "again")
        let truth = try #require(bench.column.placementOnStage)
        let match = AtlasMatch(
            of: again, pixelSize: againMap.pixelSize / 10_000, with: atlas, atlasPixelSize: map.pixelSize / 10_000)
        #expect(abs(match.rotation - truth.turn) * 500 < 0.8)
        #expect(
            hypot(match.shift.x - truth.shift.x.micrometres, match.shift.y - truth.shift.y.micrometres) < 1)
        #expect(match.score > 0.8)
        let wrong = AtlasMatch(
            of: other, pixelSize: otherMap.pixelSize / 10_000, with: atlas, atlasPixelSize: map.pixelSize / 10_000)
        #expect(wrong.score < 0.4)
    }
}
