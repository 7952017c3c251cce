import Imaging
import Microscope
import RunModel
import Simulator
import Testing

@Suite struct ProgramBufferTests {
    @Test func `new images roll the older ones from A to F`() throws {
        let bench = try ProgramBench.ready(size: 32)
        var taken: [Image] = []
        for _ in 0..<7 {
            try bench.values(.trial)
            taken.insert(try bench.image("A"), at: 0)
        }
        for (letter, image) in zip("ABCDEF", taken) { #expect(try bench.image(letter) == image) }
        let program = bench.program
        #expect(try bench.executor.complete { await program.image(in: 6, isFFT: false) } == nil)
        #expect(try bench.executor.complete { await program.image(in: 0, isFFT: true) } == nil)
        #expect(try bench.executor.complete { await program.image(in: 77, isFFT: false) } == nil)
        #expect(try bench.executor.complete { await program.image(in: -1, isFFT: false) } == nil)
    }

    @Test func `a camera's image is of whole numbers and knows how it was taken`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.setBinning, "V", 2)
        try bench.values(.view)
        let program = bench.program
        let wire = try #require(try bench.executor.complete { await program.image(in: 0, isFFT: false) })
        #expect(wire.pixel == .int16 && wire.width == 32)
        #expect(try bench.numbers(.imageProperties) == [32, 32, 2, 1, 384, 0])
        #expect(try bench.numbers(.reportCurrentPixelSize, "V") == [384])
        #expect(try bench.text(.reportMetadataString, "A", "PixelSpacing") == "3840.0000")
        #expect(try bench.text(.reportMetadataString, "A", "RotationAngle") == "90.00")
        #expect(try bench.problem(.reportMetadataString, "A", "Nothing").contains("no metadata item"))
        #expect(try bench.problem(.reportMetadataString, "T", "PixelSpacing").contains("no image"))
    }

    @Test func `mean counts are those of the pixels`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.values(.search)
        let statistics = try bench.image("A").statistics
        let four = try bench.numbers(.reportMeanCounts, "A", 2)
        #expect(abs(four[0] - statistics.mean) < 1 && abs(four[1] - statistics.standardDeviation) < 1)
        #expect(try bench.numbers(.reportMeanCounts).count == 1)
        #expect(abs(try bench.numbers(.reportMeanCounts, "A", 1)[0] - four[0]) < 1e-6)
    }

    @Test func `copies and crops keep what is known`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.view)
        let whole = try bench.image("A")
        try bench.values(.copy, "A", "P")
        try bench.values(.cropCenterToSize, "P", 32, 16)
        #expect(try bench.image("A") == whole.cropped(x: 16, y: 24, width: 32, height: 16))
        #expect(try bench.image("B") == whole)
        #expect(try bench.problem(.cropCenterToSize, "A", 64, 16).contains("already smaller"))
        let middle = { (m: [Double], w: Double, h: Double) in (m[0] * w + m[1] * h + m[4], m[2] * w + m[3] * h + m[5]) }
        let (a, p) = (try bench.numbers(.bufImageToStageMatrix, "A", 0), try bench.numbers(.bufImageToStageMatrix, "P", 0))
        let places = (middle(a, 16, 8), middle(p, 32, 32))
        #expect(abs(places.0.0 - places.1.0) < 1e-9 && abs(places.0.1 - places.1.1) < 1e-9)
    }

    @Test func `an image that is put takes over what its base knows`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.view)
        let image = Image(width: 5, height: 3, pixels: (0..<15).map { Float($0) })
        let put = try Self.put(mode: 2, width: 5, height: 3, bytes: 60, buffer: 16, base: 0, moreBinning: 2)
        let program = bench.program
        try bench.executor.complete { await program.put(SerialEMImage(image, as: .float32), as: put) }
        #expect(try bench.image("Q") == image)
        let (base, own) = (try bench.numbers(.imageProperties, "A"), try bench.numbers(.imageProperties, "Q"))
        #expect(own == [5, 3, base[2] * 2, base[3], base[4] * 2, 0])
    }

    @Test func `a picture in colours comes back in colours`() throws {
        let bench = try ProgramBench()
        let picture = SerialEMImage(pixel: .rgb, width: 2, height: 2, bytes: (0..<12).map { $0 * 20 })
        let put = try Self.put(mode: 16, width: 2, height: 2, bytes: 12, buffer: 19, base: 0, moreBinning: 1)
        let program = bench.program
        try bench.executor.complete { await program.put(picture, as: put) }
        #expect(try bench.executor.complete { await program.image(in: 19, isFFT: false) } == picture)
        try bench.values(.cropCenterToSize, "T", 1, 1)
        let wire = try #require(try bench.executor.complete { await program.image(in: 0, isFFT: false) })
        #expect(wire.pixel == .uint8)
    }

    private static func put(
        mode: Int32, width: Int32, height: Int32, bytes: Int32, buffer: Int32, base: Int32, moreBinning: Int32
    ) throws -> SerialEMPut {
        let longs = [5, mode, width, height, bytes, buffer, base, moreBinning, -1, 1]
        let body = longs.flatMap { long in withUnsafeBytes(of: long.littleEndian) { Array($0) } }
        guard case .put(let put) = try SerialEMRequest(body: body[...]) else {
            throw ProgramBench.Refused(command: "put", outcome: "")
        }
        return put
    }

    @Test func `a letter that names no buffer is told`() throws {
        let bench = try ProgramBench()
        for letter in ["U", "AA", "é", "1", ""] where !letter.isEmpty {
            #expect(try bench.problem(.copy, .text(letter), "A").contains("Improper buffer letter"))
        }
    }

    @Test func `an image's metadata is asked for by its buffer first`() throws {
        let bench = try ProgramBench.ready()
        try bench.values(.view)
        #expect(try Int(bench.text(.reportMetadataString, "A", "TimeStamp")) != nil)
        #expect(
            try bench.problem(.reportMetadataString, "TimeStamp", "A").contains("Improper buffer letter TIMESTAMP in statement:"))
    }

    @Test(arguments: [
        CameraOptics(width: 96, height: 64, recordPixelSize: 2), CameraOptics(width: 64, height: 96, recordPixelSize: 2),
    ])
    func `cameras that are not square give images of their shape`(_ optics: CameraOptics) throws {
        let bench = try ProgramBench.ready(optics: optics)
        try bench.values(.setLowDoseMode, 1)
        for command in [SerialEMCommand.search, .view, .record] {
            try bench.values(command)
            let image = try bench.image("A")
            #expect(image.width == optics.width && image.height == optics.height)
        }
        try bench.values(.setDoseFracParams, "R", 1, 1)
        try bench.values(.record)
        #expect(try bench.image("A").width == optics.width)
    }
}
