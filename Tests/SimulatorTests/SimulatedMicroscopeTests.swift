import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct SimulatedMicroscopeTests {
    @Test func `a whole visit to a hole gives the same ledger for the same seed`() throws {
        let first = try visit(Bench(seed: 11))
        let second = try visit(Bench(seed: 11))
        let other = try visit(Bench(seed: 12))
        #expect(first == second)
        #expect(first != other)
    }

    private func visit(_ bench: Bench) throws -> String {
        try bench.ready(slot: 3)
        let (square, _) = bench.goodPlace(slot: 3)
        let answers = try bench.run { scope in
            _ = try await scope.acquireAtlas(tiles: 3, into: "/a.mrc")
            try await scope.moveStage(to: square.position)
            let aligned = try await scope.realign(to: MappedFeature(kind: .square, position: square.position, size: square.side))
            let height = try await scope.findEucentricHeight()
            let reading = try await scope.autofocus(target: .micrometres(-1.5))
            let report = try await scope.record(Bench.request())
            await scope.disconnect()
            return "\(aligned) \(height) \(reading) \(report)"
        }
        #expect(bench.executor.strays == 0, "nothing may leave the executor it was started on")
        return bench.column.ledger.map(\.line).joined(separator: "\n") + answers
    }

    @Test func `durations are those of a real column divided by the speed`() throws {
        let bench = Bench()
        try bench.run { try await $0.connect(greeting: "test") }
        let begun = bench.seconds
        try bench.run { try await $0.load(slot: 1) }
        #expect(abs(bench.seconds - begun - 120) < 0.01)
        let executor = bench.executor
        let quick = SimulatedMicroscope(
            column: bench.column, clock: executor.clock, now: { Timestamp(virtual: executor.now.sinceStart) },
            camera: bench.camera,
            speed: 60)
        let middle = bench.seconds
        try executor.complete {
            try await quick.connect(greeting: "quick")
            try await quick.load(slot: 2)
        }
        #expect(abs(bench.seconds - middle - (180.5 / 60)) < 0.01)
    }

    @Test func `the stage lies beside where it was sent, and realigning centres the feature`() throws {
        for seed in UInt64(1)...8 {
            let bench = Bench(seed: seed)
            try bench.ready()
            let (square, _) = bench.goodPlace()
            try bench.run { try await $0.moveStage(to: square.position) }
            let before = bench.column.truePosition.distance(to: square.position).micrometres
            let aligned = try bench.run {
                try await $0.realign(to: MappedFeature(kind: .square, position: square.position, size: square.side))
            }
            let after = bench.column.truePosition.distance(to: square.position).micrometres
            #expect((0.15...2.6).contains(before))
            #expect(after < 0.25)
            #expect(abs(aligned.shift.length.micrometres - before) < 0.15)
        }
    }

    @Test func `a hole mapped on a Search image is the one that realigning finds`() throws {
        for seed in UInt64(1)...20 {
            let bench = Bench(seed: seed)
            try bench.ready()
            let (square, _) = bench.goodPlace()
            let specimen = try #require(bench.column.specimen(slot: 1))
            let map = try bench.run { scope in
                try await scope.moveStage(to: square.position)
                _ = try await scope.realign(to: MappedFeature(kind: .square, position: square.position, size: square.side))
                return try await scope.acquire(.search, into: "/s.mrc")
            }
            let truth = bench.column.truePosition
            for hole in specimen.holes(of: square).enumerated().filter({ $0.offset % 40 == 5 }).map(\.element) {
                let mapped = StagePosition(
                    x: hole.position.x - truth.x + map.centre.x, y: hole.position.y - truth.y + map.centre.y)
                try bench.run { scope in
                    try await scope.moveStage(to: mapped)
                    _ = try await scope.realign(to: MappedFeature(kind: .hole, position: mapped, size: hole.diameter))
                }
                #expect(bench.column.truePosition.distance(to: hole.position) < .micrometres(0.3))
            }
        }
    }

    @Test func `a level is prepared for only where it changes`() throws {
        let bench = Bench()
        try bench.ready()
        try bench.run { scope in
            for level in [ImagingLevel.atlas, .atlas, .hole, .exposure, .exposure, .hole] { try await scope.prepare(for: level) }
            try await scope.load(slot: 2)
            try await scope.prepare(for: .hole)
        }
        let prepared = bench.entries(.command).filter { $0.name == "prepare" }.map(\.args)
        #expect(prepared == [["atlas"], ["hole"], ["exposure"], ["hole"], ["hole"]])
    }

    @Test func `focus changes by what it is told`() throws {
        let bench = Bench()
        try bench.ready()
        let before = try #require(bench.column.trueDefocus)
        try bench.run { try await $0.changeFocus(by: .micrometres(-0.75)) }
        let after = try #require(bench.column.trueDefocus)
        #expect(abs((after - before).micrometres + 0.75) < 1e-9)
    }

    @Test func `autofocus sets the true defocus close to its target`() throws {
        let bench = Bench()
        try bench.ready()
        let (_, hole) = bench.goodPlace()
        let reading = try bench.run { scope in
            try await scope.moveStage(to: hole.position)
            _ = try await scope.findEucentricHeight()
            return try await scope.autofocus(target: .micrometres(-1.75))
        }
        let truth = try #require(bench.column.trueDefocus)
        #expect(abs(truth.micrometres + 1.75) < 0.2)
        #expect(abs(reading.micrometres - truth.micrometres) < 0.1)
    }

    @Test func `drift is quick after a move and settles`() throws {
        let bench = Bench()
        try bench.ready()
        let clock = bench.executor.clock
        let (early, late) = try bench.run { scope in
            try await scope.moveStage(to: StagePosition(x: .micrometres(200), y: .zero))
            let early = try await scope.measureDrift()
            try await clock.sleep(for: .seconds(90))
            return (early, try await scope.measureDrift())
        }
        #expect(early > 1.5)
        #expect(late < 1)
    }

    @Test func `image shift moves what is imaged and is refused beyond its limit`() throws {
        let bench = Bench()
        try bench.ready()
        let before = bench.column.truePosition
        try bench.run { try await $0.setImageShift(PlaneShift(x: .micrometres(3), y: .micrometres(-4))) }
        #expect(abs(bench.column.truePosition.distance(to: before).micrometres - 5) < 0.001)
        let problem = try bench.problem { try await $0.setImageShift(PlaneShift(x: .micrometres(16), y: .zero)) }
        #expect(problem == .outOfReach("An image shift of 16.0 µm"))
    }

    @Test func `an atlas holds the whole grid, a Search image its square`() throws {
        let bench = Bench()
        try bench.ready()
        let specimen = try #require(bench.column.specimen(slot: 1))
        let atlas = try bench.run { try await $0.acquireAtlas(tiles: 3, into: "/a.mrc") }
        #expect(atlas.width == 3072)
        for square in specimen.squares {
            let point = atlas.pixel(at: square.position)
            #expect(point.x > -60 && point.y > -60 && point.x < 3132 && point.y < 3132)
        }
        let search = try bench.run { try await $0.acquire(.search, into: "/s.mrc") }
        let field = Double(search.width) * search.pixelSize
        #expect((1.15...1.5).contains(field / specimen.squareSide.ångströms))
    }
}
