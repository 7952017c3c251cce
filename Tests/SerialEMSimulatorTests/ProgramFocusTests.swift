import Imaging
import RunModel
import Simulator
import Testing

@Suite struct ProgramFocusTests {
    static func onHole(size: Int = 256, pixelSize: Double = 2, faults: [SimulatedFault] = []) throws -> ProgramBench {
        let bench = try ProgramBench.ready(size: size, pixelSize: pixelSize, columnFaults: faults)
        try bench.goTo(try ProgramMatrixTests.goodHole(bench).position)
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.goToLowDoseArea, "R")
        return bench
    }

    @Test func `what autofocus measures is the truth`() throws {
        let bench = try Self.onHole()
        try bench.values(.eucentricity, 1)
        try bench.values(.autoFocus, -1)
        let truth = try #require(bench.column.trueDefocus).micrometres
        let measured = try bench.numbers(.reportAutoFocus)
        #expect(abs(measured[0] - truth) < 0.12 && measured[1] == 0)
    }

    @Test func `autofocus brings the specimen to its target`() throws {
        let bench = try Self.onHole()
        try bench.values(.eucentricity, 1)
        try bench.values(.setTargetDefocus, -1.4)
        let before = try bench.numbers(.reportDefocus)[0]
        try bench.values(.autoFocus)
        #expect(abs(try #require(bench.column.trueDefocus).micrometres + 1.4) < 0.15)
        #expect(abs(try bench.numbers(.reportAutoFocus)[0] + 1.4) < 0.15)
        #expect(try bench.numbers(.reportDefocus)[0] != before)
        #expect(try bench.numbers(.reportTargetDefocus) == [-1.4])
        #expect(bench.entries(.exposure).suffix(2).map(\.preset) == ["F", "F"])
    }

    @Test func `an autofocus that diverges is seen by measuring again`() throws {
        let bench = try Self.onHole(faults: [SimulatedFault(.autofocusDiverges, times: 1)])
        try bench.values(.eucentricity, 1)
        try bench.values(.autoFocus)
        try bench.values(.autoFocus, -1)
        let truth = try #require(bench.column.trueDefocus).micrometres
        #expect(abs(truth + 1) > 0.5)
        #expect(abs(try bench.numbers(.reportAutoFocus)[0] - truth) < 0.12)
    }

    @Test func `a defocus too far off to be measured is a value and no problem`() throws {
        let bench = try Self.onHole()
        try bench.values(.setDefocus, 300.0)
        try bench.values(.autoFocus, -1)
        #expect(try bench.numbers(.reportAutoFocus) == [0, -1])
    }

    @Test func `the lens is set, stepped and read`() throws {
        let bench = try ProgramBench()
        try bench.values(.setDefocus, -3.0)
        try bench.values(.changeFocus, 0.5)
        #expect(try bench.numbers(.reportDefocus) == [-2.5])
        #expect(try bench.problem(.changeFocus, 0.0).contains("Improper focus change"))
        #expect(try bench.problem(.changeFocus, 1001.0).contains("Improper focus change"))
        #expect(try bench.problem(.setDefocus, 6000.0).contains("out of range"))
        #expect(try bench.problem(.setTargetDefocus, 60.0).contains("out of range"))
    }

    @Test func `eucentricity sets the stage's height to that of the specimen`() throws {
        let bench = try Self.onHole()
        try bench.values(.eucentricity, 3)
        let place = bench.column.truePosition
        let height = try bench.specimen().height(at: place)
        #expect(abs((try bench.stage().z - height).micrometres) < 0.3)
    }

    @Test func `the wait for drift ends when the specimen lies still`() throws {
        let bench = try Self.onHole()
        let begun = bench.executor.now.sinceStart
        try bench.values(.driftWaitTask, 1.2, "A", 120.0, 5.0, 1, "T")
        let waited = (bench.executor.now.sinceStart - begun) / .seconds(1)
        #expect(waited > 5 && waited < 120)
        #expect(bench.entries(.exposure).allSatisfy { $0.preset == "T" })
    }

    @Test func `drift that does not end is a problem, unless it may go on`() throws {
        let bench = try Self.onHole(faults: [SimulatedFault(.nitrogenFill, at: 0, seconds: 9000)])
        #expect(try bench.problem(.driftWaitTask, 1.0, "A", 20.0, 5.0, 1, "F").contains("Drift is still"))
        try bench.values(.driftWaitTask, 0.1, "nm", 20.0, 5.0, -1, "F")
    }

    @Test func `two Focus images tell how the specimen drifts between them`() throws {
        let bench = try Self.onHole(size: 512, pixelSize: 1.5, faults: [SimulatedFault(.nitrogenFill, at: 0, seconds: 9000)])
        bench.sleep(60)
        try bench.values(.focus)
        let first = bench.executor.now.sinceStart
        bench.sleep(3)
        try bench.values(.focus)
        let seconds = (bench.executor.now.sinceStart - first) / .seconds(1)
        let offset = try Correlation.offset(of: bench.image("A"), against: bench.image("B"))
        let stamps = try ["B", "A"].map { letter in
            try #require(Int(try bench.text(.reportMetadataString, .text(letter), "TimeStamp")), "stamps are whole seconds")
        }
        #expect(abs(Double(stamps[1] - stamps[0]) - seconds) <= 1)
        let moved = (offset.shift.x * offset.shift.x + offset.shift.y * offset.shift.y).squareRoot() * 1.5
        let rate = moved / seconds
        // Nitrogen shakes the column by 15 Å/s, the goniometer creeps besides.
        #expect(abs(rate - 15) < 1.5)
    }

    @Test func `an image is brought back to the one it is aligned to`() throws {
        let bench = try Self.onHole(size: 256)
        try bench.values(.view)
        try bench.values(.copy, "A", "P")
        try bench.values(.imageShiftByMicrons, 0.4, -0.3)
        try bench.values(.view)
        #expect(try bench.numbers(.alignTo, "P") == [0])
        let stored = try bench.numbers(.reportAlignShift)
        // The content lies as much to the other side.
        #expect(abs(stored[4] - 400) < 25 && abs(stored[5] + 300) < 25)
        #expect(try bench.numbers(.reportSpecimenShift).allSatisfy { abs($0) < 0.03 })
        try bench.values(.view)
        let left = try Correlation.offset(of: bench.image("A"), against: bench.image("P")).shift
        #expect(abs(left.x) < 0.7 && abs(left.y) < 0.7)
    }

    @Test func `aligning without image shift only stores the shift`() throws {
        let bench = try Self.onHole(size: 256)
        try bench.values(.view)
        try bench.values(.copy, "A", "P")
        try bench.values(.imageShiftByMicrons, 0.4, 0.0)
        try bench.values(.view)
        try bench.values(.alignTo, "P", 1)
        #expect(abs(try bench.numbers(.reportSpecimenShift)[0] - 0.4) < 1e-9)
        let stored = try bench.numbers(.reportAlignShift)
        // 480 Å a pixel: 0.4 µm are eight of them.
        #expect(abs((stored[0] * stored[0] + stored[1] * stored[1]).squareRoot() - 400 / 48) < 0.5)
        #expect(stored[2] >= 0 && stored[3] >= 0)
    }

    @Test func `images of other sizes and scales are aligned by their middles`() throws {
        let bench = try Self.onHole(size: 256)
        try bench.values(.setBinning, "V", 2)
        try bench.values(.view)
        try bench.values(.cropCenterToSize, "A", 100, 100)
        try bench.values(.copy, "A", "T")
        try bench.values(.setBinning, "V", 1)
        try bench.values(.view)
        try bench.values(.alignTo, "T")
        #expect(try bench.numbers(.reportSpecimenShift).allSatisfy { abs($0) < 0.05 })
    }

    @Test func `nothing is stored while there is no image`() throws {
        let bench = try ProgramBench()
        #expect(try bench.values(.reportAlignShift).isEmpty)
        #expect(try bench.problem(.alignTo, "B").contains("no image"))
        #expect(try bench.problem(.autoAlign).contains("no image"))
    }
}
