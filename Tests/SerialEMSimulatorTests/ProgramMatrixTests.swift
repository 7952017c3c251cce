import Imaging
import RunModel
import Simulator
import Testing

/// Whether what the program says of places agrees with the pixels it shows.
@Suite struct ProgramMatrixTests {
    @Test(arguments: [UInt64(3), 7, 11]) func `squares of the specimen are bright in an atlas piece where its matrix says`(
        _ seed: UInt64
    ) throws {
        let bench = try ProgramBench.ready(seed: seed, size: 512)
        try bench.values(.goToImagingState, "atlas")
        try bench.values(.record)
        let image = try bench.image("A")
        let (truth, believed) = (bench.column.truePosition, try bench.stage())
        var seen = 0
        for square in try bench.specimen().squares where square.targetClass == .good {
            let place = try bench.pixel(of: square.position, in: "A", truth: truth, believed: believed)
            let stored = (x: place.x - 0.5, y: 512 - place.y - 0.5)
            guard let spot = BrightSpot.centre(near: stored, radius: 38, in: image) else { continue }
            #expect(abs(spot.x - stored.x) < 4 && abs(spot.y - stored.y) < 4)
            seen += 1
        }
        #expect(seen > 5)
    }

    @Test(arguments: [UInt64(3), 7, 11]) func `a square is in Search where its matrix says`(_ seed: UInt64) throws {
        let bench = try ProgramBench.ready(seed: seed, size: 512)
        let square = try #require(
            try bench.specimen().squares.first { $0.targetClass == .good && $0.position.x > .micrometres(50) })
        try bench.goTo(StagePosition(x: square.position.x + .micrometres(6), y: square.position.y - .micrometres(4)))
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.search)
        let place = try bench.pixel(of: square.position, in: "A", truth: bench.column.truePosition, believed: bench.stage())
        let stored = (x: place.x - 0.5, y: 512 - place.y - 0.5)
        let spot = try #require(BrightSpot.centre(near: stored, radius: 200, in: bench.image("A")))
        // 1.28 µm a pixel.
        #expect(abs(spot.x - stored.x) < 6 && abs(spot.y - stored.y) < 6)
    }

    @Test(arguments: [UInt64(3), 7, 11]) func `a hole is in View where its matrix says`(_ seed: UInt64) throws {
        let bench = try ProgramBench.ready(seed: seed, size: 512)
        let hole = try Self.goodHole(bench)
        try bench.goTo(StagePosition(x: hole.position.x + .micrometres(0.9), y: hole.position.y + .micrometres(0.3)))
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.view)
        let place = try bench.pixel(of: hole.position, in: "A", truth: bench.column.truePosition, believed: bench.stage())
        let stored = (x: place.x - 0.5, y: 512 - place.y - 0.5)
        let spot = try #require(BrightSpot.centre(near: stored, radius: 30, in: bench.image("A")))
        #expect(abs(spot.x - stored.x) < 3 && abs(spot.y - stored.y) < 3)
    }

    @Test(arguments: [(1.0, 0.0), (0.0, 1.0)])
    func `a Record image at a hole's edge is bright on the side that its matrix gives the hole`(
        _ way: (Double, Double)
    ) throws {
        let bench = try ProgramBench.ready(size: 256, pixelSize: 8)
        let hole = try Self.goodHole(bench)
        let radius = hole.diameter.micrometres / 2
        try bench.goTo(hole.position)
        let truth = bench.column.truePosition
        try bench.values(
            .imageShiftByMicrons, .real((hole.position.x - truth.x).micrometres + way.0 * radius),
            .real((hole.position.y - truth.y).micrometres + way.1 * radius))
        try bench.values(.record)
        let image = try bench.image("A").blurred(sigma: 4)
        let m = try bench.numbers(.stageToBufImageMatrix, "A", 0)
        let (dx, dy) = (-m[0] * way.0 - m[1] * way.1, -(-m[2] * way.0 - m[3] * way.1))
        let length = (dx * dx + dy * dy).squareRoot()
        let toHole = image.value(atX: 127.5 + dx / length * 100, y: 127.5 + dy / length * 100)
        let away = image.value(atX: 127.5 - dx / length * 100, y: 127.5 - dy / length * 100)
        #expect(toHole > 1.2 * away)
    }

    @Test func `an image shift moves the middle of the image as a stage move would`() throws {
        let bench = try ProgramBench.ready(size: 256)
        let hole = try Self.goodHole(bench)
        try bench.goTo(hole.position)
        try bench.values(.setLowDoseMode, 1)
        #expect(try bench.numbers(.imageShiftByMicrons, 1.5, -0.5) == [0])
        try bench.values(.view)
        let matrix = try bench.numbers(.bufImageToStageMatrix, "A", 0)
        let raw = try bench.numbers(.bufImageToStageMatrix, "A", 1)
        let middle = { (m: [Double]) in (m[0] * 128 + m[1] * 128 + m[4], m[2] * 128 + m[3] * 128 + m[5]) }
        let stage = try bench.stage()
        #expect(abs(middle(matrix).0 - stage.x.micrometres - 1.5) < 1e-9)
        #expect(abs(middle(matrix).1 - stage.y.micrometres + 0.5) < 1e-9)
        #expect(abs(middle(raw).0 - stage.x.micrometres) < 1e-9)
        let place = try bench.pixel(
            of: hole.position, in: "A", truth: bench.column.truePosition,
            believed: StagePosition(x: stage.x + .micrometres(1.5), y: stage.y - .micrometres(0.5)))
        let stored = (x: place.x - 0.5, y: 256 - place.y - 0.5)
        let spot = try #require(BrightSpot.centre(near: stored, radius: 16, in: bench.image("A")))
        #expect(abs(spot.x - stored.x) < 3 && abs(spot.y - stored.y) < 3)
    }

    @Test func `the camera's matrix gives the image shift that moves the content right and up`() throws {
        let bench = try ProgramBench.ready(size: 256)
        try bench.goTo(try Self.goodHole(bench).position)
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.view)
        let m = try bench.numbers(.cameraToSpecimenMatrix, 0)
        try bench.values(.imageShiftByMicrons, .real(m[0] * 8 + m[1] * 5), .real(m[2] * 8 + m[3] * 5))
        try bench.values(.view)
        let offset = try Correlation.offset(of: bench.image("A"), against: bench.image("B")).shift
        #expect(abs(offset.x - 8) < 0.3 && abs(offset.y - 5) < 0.3)
        let before = try bench.numbers(.reportImageShift)
        #expect(abs(before[2] - 8) < 1e-6 && abs(before[3] - 5) < 1e-6)
        try bench.values(.imageShiftByPixels, -8, -5)
        #expect(try bench.numbers(.reportSpecimenShift).allSatisfy { abs($0) < 1e-9 })
    }

    @Test func `places cannot be asked for while the Navigator is closed`() throws {
        let bench = try ProgramBench()
        #expect(try bench.problem(.bufImageToStageMatrix, "A", 0).hasSuffix("\r\n\r\nBufImageToStageMatrix(A, 0)"))
        #expect(try bench.numbers(.reportIfNavOpen) == [0])
        try bench.values(.openNavigator)
        #expect(try bench.numbers(.reportIfNavOpen) == [1])
    }

    @Test func `resetting the image shift keeps the place in view`() throws {
        let bench = try ProgramBench.ready()
        try bench.values(.imageShiftByMicrons, 2.0, 1.0)
        let before = (try bench.numbers(.reportImageShift), try bench.stage())
        try bench.values(.resetImageShift)
        let after = (try bench.numbers(.reportImageShift), try bench.stage())
        #expect(abs((after.1.x - before.1.x).micrometres - before.0[4]) < 1e-9)
        #expect(abs((after.1.y - before.1.y).micrometres - before.0[5]) < 1e-9)
        #expect(after.0.allSatisfy { $0 == 0 })
    }

    static func goodHole(_ bench: ProgramBench) throws -> SimulatedHole {
        let specimen = try bench.specimen()
        let square = try #require(specimen.squares.first { $0.targetClass == .good && $0.position.y > .micrometres(40) })
        return try #require(
            specimen.holes(of: square).filter { $0.targetClass == .good }.min {
                $0.position.distance(to: square.position) < $1.position.distance(to: square.position)
            })
    }
}
