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

    @Test func `the camera's matrix gives the image shift that brings a place to the middle`() throws {
        let bench = try ProgramBench.ready(size: 256)
        try bench.goTo(try Self.goodHole(bench).position)
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.view)
        let m = try bench.numbers(.cameraToSpecimenMatrix, 0)
        try bench.values(.imageShiftByMicrons, .real(m[0] * 4 + m[1] * 3), .real(m[2] * 4 + m[3] * 3))
        try bench.values(.view)
        let offset = try Correlation.offset(of: bench.image("A"), against: bench.image("B")).shift
        // What lay 4 pixels right and 3 up is in the middle: the content went left and down.
        #expect(abs(offset.x + 4) < 0.3 && abs(offset.y + 3) < 0.3)
        let before = try bench.numbers(.reportImageShift)
        #expect(abs(before[2] + 4) < 1e-6 && abs(before[3] + 3) < 1e-6)
        try bench.values(.imageShiftByPixels, -4, -3)
        #expect(try bench.numbers(.reportSpecimenShift).allSatisfy { abs($0) < 1e-9 })
    }

    @Test func `the camera's matrix and the places in an image agree`() throws {
        let bench = try ProgramBench.ready(size: 128)
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.view)
        let camera = try bench.numbers(.cameraToSpecimenMatrix, 0)
        let places = try bench.numbers(.bufImageToStageMatrix, "A", 0)
        // Rows go down in an image and up in the camera's pixels.
        #expect(zip(camera, [1.0, -1, 1, -1]).map { $0 * $1 } == Array(places.prefix(4)))
    }

    @Test func `the matrices fit together`() throws {
        let bench = try ProgramBench.ready(size: 128)
        func apply(_ m: [Double], _ x: Double, _ y: Double) -> (Double, Double) { (m[0] * x + m[1] * y, m[2] * x + m[3] * y) }
        let there = try bench.report("CameraToISMatrix", 0)
        let back = try bench.report("ISToCameraMatrix", 0)
        let (u, v) = apply(there, 30, -7)
        let (x, y) = apply(back, u, v)
        #expect(abs(x - 30) < 1e-9 && abs(y + 7) < 1e-9)
        let specimen = try apply(bench.report("ISToSpecimenMatrix", 0), u, v)
        let direct = try apply(bench.numbers(.cameraToSpecimenMatrix, 0), 30, -7)
        #expect(abs(specimen.0 - direct.0) < 1e-9 && abs(specimen.1 - direct.1) < 1e-9)
        #expect(try bench.report("StageToSpecimenMatrix", 0) == [1, 0, 0, 1])
        #expect(try bench.refusal("SpecimenToCameraMatrix", 99).contains("out of range"))
    }

    @Test func `image shift by units and by a stage difference go the same way`() throws {
        let bench = try ProgramBench()
        #expect(try bench.report("ImageShiftByStageDiff", 2.0, -1.0) == [0])
        let units = try bench.numbers(.reportImageShift)
        #expect(abs(units[4] - 2) < 1e-9 && abs(units[5] + 1) < 1e-9)
        #expect(try bench.report("ImageShiftByUnits", .real(-units[0]), .real(-units[1])) == [0])
        #expect(try bench.numbers(.reportSpecimenShift).allSatisfy { abs($0) < 1e-9 })
        #expect(try bench.report("ImageShiftByUnits", 40.0, 0.0) == [1])
    }

    @Test func `at low magnifications the image may be shifted farther`() throws {
        let bench = try ProgramBench()
        try bench.values(.setMagIndex, 2)
        #expect(try bench.numbers(.reportMaxImageShift, 0) == [150, 0])
        #expect(try bench.numbers(.imageShiftByMicrons, 90.0, 0.0) == [0])
        try bench.values(.setImageShift, 0.0, 0.0)
        try bench.values(.setMagIndex, 7)
        #expect(try bench.numbers(.imageShiftByMicrons, 90.0, 0.0) == [1])
    }

    @Test func `places cannot be asked for while the Navigator is closed`() throws {
        let bench = try ProgramBench()
        #expect(try bench.numbers(.reportIfNavOpen) == [2])
        try bench.report("CloseNavigator")
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
