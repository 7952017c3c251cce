import RunModel
import Simulator
import Testing

@Suite struct SimulatedSpecimenTests {
    @Test func `one seed makes one grid`() {
        let (first, again, other) = (SimulatedSpecimen(seed: 5), SimulatedSpecimen(seed: 5), SimulatedSpecimen(seed: 6))
        #expect(first.squares == again.squares)
        #expect(first.squares != other.squares)
        #expect(first.holes(of: first.squares[40]) == again.holes(of: again.squares[40]))
    }

    @Test func `a grid has squares of every fate, most of them good`() {
        for seed in UInt64(1)...12 {
            let classes = Dictionary(grouping: SimulatedSpecimen(seed: seed).squares, by: \.targetClass).mapValues(\.count)
            #expect(classes[.good, default: 0] > 60)
            for fate in [TargetClass.partial, .contaminated, .cracked, .dark] { #expect(classes[fate, default: 0] > 3) }
        }
    }

    @Test(arguments: ["R1.2/1.3", "R2/1", "R0.6/1"]) func `holes lie a spacing apart and inside their square`(_ name: String)
        throws
    {
        let type = try #require(HoleType(name))
        let specimen = SimulatedSpecimen(seed: 3, holeType: type)
        let square = try #require(specimen.squares.first { $0.targetClass == .good })
        let holes = specimen.holes(of: square)
        #expect(holes.count > 100)
        for hole in holes {
            let nearest = holes.filter { $0 != hole }.map { $0.position.distance(to: hole.position) }.min()
            #expect(abs((nearest ?? .zero) / type.spacing - 1) < 0.001)
            #expect(specimen.square(at: hole.position) == square)
        }
    }

    @Test func `a torn square has no holes in its tear`() throws {
        let specimen = SimulatedSpecimen(seed: 3)
        let torn = try #require(specimen.squares.first { $0.targetClass == .cracked })
        let whole = try #require(specimen.squares.first { $0.targetClass == .good })
        #expect(specimen.holes(of: torn).count < specimen.holes(of: whole).count - 10)
    }

    @Test func `an area is asked for its own squares`() throws {
        let specimen = SimulatedSpecimen(seed: 3)
        let square = specimen.squares[specimen.squares.count / 2]
        let near = specimen.squares(in: SpecimenArea(centre: square.position, width: .micrometres(5), height: .micrometres(5)))
        #expect(near == [square])
        let all = specimen.squares(
            in: SpecimenArea(centre: StagePosition(x: .zero, y: .zero), width: .micrometres(3000), height: .micrometres(3000)))
        #expect(all == specimen.squares)
    }

    @Test func `the film is not flat, and nearly so within a square`() {
        let specimen = SimulatedSpecimen(seed: 9)
        let heights = specimen.squares.map { specimen.height(at: $0.position).micrometres }
        #expect((heights.max() ?? 0) - (heights.min() ?? 0) > 3)
        for square in specimen.squares {
            let beside = square.position.moved(by: PlaneShift(x: .micrometres(4), y: .zero))
            #expect(abs(specimen.height(at: beside).micrometres - specimen.height(at: square.position).micrometres) < 0.7)
        }
    }

    @Test func `each slot has a grid of its own, and an empty slot none`() {
        var settings = ColumnSettings()
        settings.emptySlots = [4]
        settings.holeTypes = [2: "R2/1"]
        let column = SimulatedColumn(settings: settings, seed: 1)
        #expect(column.specimen(slot: 1)?.squares != column.specimen(slot: 3)?.squares)
        #expect(column.specimen(slot: 2)?.holeType == HoleType("R2/1"))
        #expect(column.specimen(slot: 4) == nil)
        #expect(column.specimen(slot: 13) == nil)
    }
}
