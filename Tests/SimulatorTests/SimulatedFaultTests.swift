import JSONText
import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

@Suite struct SimulatedFaultTests {
    @Test func `a loader that jams once loads at the second try`() throws {
        let bench = Bench(faults: [SimulatedFault(.loaderJam, slot: 3, times: 1)])
        try bench.run { try await $0.connect(greeting: "test") }
        #expect(try bench.problem { try await $0.load(slot: 3) } == .loaderJam(slot: 3))
        #expect(bench.column.cartridgeOnStage == nil)
        #expect(try bench.problem { try await $0.load(slot: 3) } == nil)
        #expect(bench.entries(.load).map(\.name) == ["jammed", "loaded"])
    }

    @Test func `a loader that always jams never loads, and other slots still do`() throws {
        let bench = Bench(faults: [SimulatedFault(.loaderJam, slot: 3)])
        try bench.run { try await $0.connect(greeting: "test") }
        for _ in 0..<3 { #expect(try bench.problem { try await $0.load(slot: 3) } == .loaderJam(slot: 3)) }
        #expect(try bench.problem { try await $0.load(slot: 4) } == nil)
    }

    @Test func `a slot may be found empty that was reported occupied`() throws {
        let bench = Bench(faults: [SimulatedFault(.slotEmpty, slot: 2)])
        let slots = try bench.run { scope in
            try await scope.connect(greeting: "test")
            return try await scope.slots()
        }
        #expect(slots[1].state == .occupied)
        #expect(try bench.problem { try await $0.load(slot: 2) } == .slotEmpty(slot: 2))
    }

    @Test func `a loader that has lost count brings another cartridge and says which`() throws {
        var settings = ColumnSettings()
        settings.emptySlots = [1]
        let bench = Bench(settings: settings, faults: [SimulatedFault(.wrongCartridge, slot: 3, times: 1)])
        let loaded = try bench.run { scope in
            try await scope.connect(greeting: "test")
            try await scope.load(slot: 3)
            let wrong = try await scope.loadedSlot()
            try await scope.load(slot: 3)
            return [wrong, try await scope.loadedSlot()]
        }
        #expect(loaded == [2, 3])
        #expect(bench.entries(.load).map(\.grid) == [2, 3])
    }

    @Test func `somebody may take a cartridge out at a time`() throws {
        let bench = Bench(faults: [SimulatedFault(.cartridgeTaken, slot: 5, at: 100)])
        let clock = bench.executor.clock
        let states = try bench.run { scope in
            try await scope.connect(greeting: "test")
            let before = try await scope.slots()[4].state
            try await clock.sleep(for: .seconds(100))
            return [before, try await scope.slots()[4].state]
        }
        #expect(states == [.occupied, .empty])
    }

    @Test func `valves that shut before the second exposure leave it untaken`() throws {
        let bench = Bench(faults: [SimulatedFault(.valveShut, number: 2)])
        try bench.ready()
        #expect(try bench.problem { _ = try await $0.record(Bench.request("one")) } == nil)
        #expect(try bench.problem { _ = try await $0.record(Bench.request("two")) } == .valveClosed)
        #expect(try bench.run { try await $0.evidence(of: Bench.request("two")) } == .notTaken)
        #expect(bench.entries(.exposure).map(\.name) == ["one"])
        #expect(bench.entries(.valves).map(\.client) == [1, 0])
    }

    @Test func `valves may shut at a time`() throws {
        let bench = Bench(faults: [SimulatedFault(.valveShut, at: 400)])
        try bench.ready()
        let clock = bench.executor.clock
        let states = try bench.run { scope in
            let before = try await scope.columnState().valvesOpen
            try await clock.sleep(for: .seconds(300))
            return [before, try await scope.columnState().valvesOpen]
        }
        #expect(states == [true, false])
    }

    @Test(arguments: [
        (SimulatedFault.Moment.before, "before the command was sent", ExposureEvidence.notTaken),
        (.during, "while record was under way", .cannotTell),
        (.after, "before the answer to record came", .saved(ExposureReport(frames: 10, bytes: 20_972_544))),
    ])
    func `a link lost around an exposure leaves true evidence`(
        _ moment: SimulatedFault.Moment, _ words: String, _ expected: ExposureEvidence
    ) throws {
        let bench = Bench(faults: [SimulatedFault(.linkLost, command: "record", number: 1, moment: moment)])
        try bench.ready()
        #expect(try bench.problem { _ = try await $0.record(Bench.request()) } == .linkLost(words))
        #expect(try bench.problem { _ = try await $0.slots() } == .linkLost("and has not been opened again"))
        let evidence = try bench.run { scope in
            try await scope.connect(greeting: "again")
            return try await scope.evidence(of: Bench.request())
        }
        #expect(evidence == expected)
    }

    @Test func `a link may break at a time, in the middle of a load that goes on`() throws {
        let bench = Bench(faults: [SimulatedFault(.linkLost, at: 60)])
        try bench.run { try await $0.connect(greeting: "test") }
        #expect(try bench.problem { try await $0.load(slot: 1) } == .linkLost("while load was under way"))
        #expect(abs(bench.seconds - 60.5) < 0.01)
        bench.executor.run(for: .seconds(61))
        try bench.run { scope in
            try await scope.connect(greeting: "again")
            _ = try await scope.columnState()
        }
        #expect(bench.column.cartridgeOnStage == 1)
    }

    @Test func `the seventh command may lose its link whatever it is`() throws {
        let bench = Bench(faults: [SimulatedFault(.linkLost, number: 7, moment: .after)])
        try bench.run { try await $0.connect(greeting: "test") }
        for _ in 0..<6 { #expect(try bench.problem { _ = try await $0.slots() } == nil) }
        #expect(try bench.problem { _ = try await $0.loadedSlot() } == .linkLost("before the answer to loadedSlot came"))
    }

    @Test func `nitrogen may be filled at once, and shakes the specimen`() throws {
        let bench = Bench()
        try bench.ready()
        bench.column.add(SimulatedFault(.nitrogenFill, seconds: 100))
        let clock = bench.executor.clock
        let (during, drift, after) = try bench.run { scope in
            let during = try await scope.columnState()
            let drift = try await scope.measureDrift()
            try await clock.sleep(for: .seconds(100))
            return (during, drift, try await scope.columnState())
        }
        #expect(during.isFillingNitrogen)
        #expect(abs((during.fillSecondsLeft ?? 0) - 100) < 1)
        #expect(drift > 8)
        #expect(!after.isFillingNitrogen)
    }

    @Test func `a slow stage takes its time`() throws {
        let bench = Bench(faults: [SimulatedFault(.slowStage, factor: 20)])
        try bench.ready()
        let begun = bench.seconds
        try bench.run { try await $0.moveStage(to: StagePosition(x: .micrometres(300), y: .zero)) }
        #expect(abs(bench.seconds - begun - 60) < 0.1)
    }

    @Test func `nothing can be aligned on dark images`() throws {
        let bench = Bench(faults: [SimulatedFault(.darkImages, times: 1)])
        try bench.ready()
        let (square, _) = bench.goodPlace()
        let feature = MappedFeature(kind: .square, position: square.position, size: square.side)
        #expect(try bench.problem { _ = try await $0.realign(to: feature) } == .notAligned(correlation: 0))
        #expect(try bench.problem { _ = try await $0.realign(to: feature) } == nil)
    }

    @Test func `the images of one command alone may be dark`() throws {
        let bench = Bench(faults: [SimulatedFault(.darkImages, command: "record")])
        try bench.ready()
        let (square, _) = bench.goodPlace()
        let feature = MappedFeature(kind: .square, position: square.position, size: square.side)
        #expect(try bench.problem { _ = try await $0.realign(to: feature) } == nil)
        let mean = try bench.run { try await $0.record(Bench.request()) }.reading?.mean
        #expect(try #require(mean) < 0.1)
    }

    @Test func `dark exposures count next to nothing`() throws {
        let bench = Bench(faults: [SimulatedFault(.darkImages, times: 1)])
        try bench.ready()
        let readings = try bench.run { scope in
            [try await scope.record(Bench.request("one")).reading, try await scope.record(Bench.request("two")).reading]
        }
        let means = readings.compactMap(\.?.mean)
        #expect(means.count == 2)
        #expect(means[0] < 0.1 && means[1] > 30)
    }

    @Test func `a frozen camera hands over the exposure before, count for count`() throws {
        let bench = Bench(faults: [SimulatedFault(.frozenImages, times: 1)])
        try bench.ready()
        let readings = try bench.run { scope in
            var readings: [CameraReading?] = []
            for number in 1...3 { readings.append(try await scope.record(Bench.request("e\(number)")).reading) }
            return readings
        }
        #expect(readings[0] != nil && readings[0] == readings[1])
        #expect(readings[2] != readings[1])
    }

    @Test func `a movie half written is reported with its bytes and is no evidence`() throws {
        let bench = Bench(faults: [SimulatedFault(.halfWritten, times: 1)])
        try bench.ready()
        let report = try bench.run { try await $0.record(Bench.request()) }
        #expect(report.bytes < bench.camera.movieBytes(frames: 10))
        #expect(try bench.run { try await $0.evidence(of: Bench.request()) } == .cannotTell)
    }

    @Test func `autofocus may end far from its target and say so`() throws {
        let bench = Bench(faults: [SimulatedFault(.autofocusDiverges, times: 1)])
        try bench.ready()
        let (far, near) = try bench.run { scope in
            (try await scope.autofocus(target: .micrometres(-1.5)), try await scope.autofocus(target: .micrometres(-1.5)))
        }
        #expect(abs(far.micrometres + 1.5) > 0.4)
        #expect(abs(near.micrometres + 1.5) < 0.2)
    }

    @Test func `faults are read from JSON`() throws {
        let text =
            #"[{"kind":"loaderJam","slot":3,"times":1},{"kind":"linkLost","command":"record","number":2,"moment":"after"}]"#
        let faults = try JSONText.decode([SimulatedFault].self, from: text)
        #expect(
            faults == [
                SimulatedFault(.loaderJam, slot: 3, times: 1),
                SimulatedFault(.linkLost, command: "record", number: 2, moment: .after),
            ])
    }
}
