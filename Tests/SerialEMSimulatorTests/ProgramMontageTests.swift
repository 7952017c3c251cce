import Foundation
import Imaging
import Microscope
import RunModel
import Testing

@Suite struct ProgramMontageTests {
    private static func taken(seed: UInt64 = 7, size: Int = 256) throws -> ProgramBench {
        let bench = try ProgramBench.ready(seed: seed, size: size)
        try bench.values(.goToImagingState, "atlas")
        try bench.values(.openNewMontage, 3, 3, "atlas.mrc")
        try bench.values(.montage)
        try bench.values(.closeFile)
        return bench
    }

    @Test func `every piece is in the file, the ledger and the autodoc`() throws {
        let bench = try Self.taken()
        let file = try MRCFile(path: bench.host("C/SerialEM/atlas.mrc"))
        #expect(file.frameCount == 9 && file.width == 256 && file.height == 256)
        #expect(file.header.mode == .int16 && !file.header.isVolume)
        let pixelSize = try #require(file.pixelSize)
        #expect(abs(pixelSize - 16_000) < 1)
        let shots = bench.entries(.exposure)
        #expect(shots.map(\.preset) == Array(repeating: "M", count: 9))
        let document = try bench.autodoc("C/SerialEM/atlas.mrc.mdoc")
        #expect(document.titles.count == 2)
        let pieces = document.sections.filter { $0.kind == "ZValue" }
        #expect(pieces.map(\.name) == (0..<9).map { "\($0)" })
        for (piece, shot) in zip(pieces, shots) {
            let stage = piece.numbers("StagePosition")
            #expect(abs(stage[0] - (shot.stage?[0] ?? 0)) < 0.001 && abs(stage[1] - (shot.stage?[1] ?? 0)) < 0.001)
        }
    }

    @Test(arguments: [UInt64(4), 7]) func `squares are where the autodoc of their piece says`(_ seed: UInt64) throws {
        let bench = try Self.taken(seed: seed)
        let file = try MRCFile(path: bench.host("C/SerialEM/atlas.mrc"))
        let pieces = try bench.autodoc("C/SerialEM/atlas.mrc.mdoc").sections.filter { $0.kind == "ZValue" }
        let good = try bench.specimen().squares.filter { $0.targetClass == .good }
        var seen = 0
        for (index, piece) in pieces.enumerated() {
            let image = try file.frame(index)
            let (stage, pixel) = (piece.numbers("StagePosition"), piece.numbers("PixelSpacing")[0] / 10_000)
            let angle = piece.numbers("RotationAngle")[0] * .pi / 180
            for square in good {
                let (x, y) = (
                    (square.position.x.micrometres - stage[0]) / pixel, (square.position.y.micrometres - stage[1]) / pixel
                )
                let place = (x: cos(angle) * x + sin(angle) * y + 127.5, y: -sin(angle) * x + cos(angle) * y + 127.5)
                guard let spot = BrightSpot.centre(near: place, radius: 19, in: image) else { continue }
                // The stage is up to 2 µm beside where it says, and ice is not even.
                #expect(abs(spot.x - place.x) < 4 && abs(spot.y - place.y) < 4)
                seen += 1
            }
        }
        #expect(seen > 30)
    }

    @Test func `piece coordinates and stage positions tell the same`() throws {
        let bench = try Self.taken()
        let pieces = try bench.autodoc("C/SerialEM/atlas.mrc.mdoc").sections.filter { $0.kind == "ZValue" }
        let places = pieces.map { $0.numbers("PieceCoordinates") }
        #expect(places.map { $0[0] } == [0, 0, 0, 230, 230, 230, 460, 460, 460])
        #expect(places.map { $0[1] } == [0, 230, 460, 460, 230, 0, 0, 230, 460])
        let (pixel, angle) = (pieces[0].numbers("PixelSpacing")[0] / 10_000, 87 * Double.pi / 180)
        for piece in pieces {
            let (at, stage) = (piece.numbers("PieceCoordinates"), piece.numbers("StagePosition"))
            let (x, y) = ((at[0] - 230) * pixel, (at[1] - 230) * pixel)
            #expect(abs(stage[0] - (cos(angle) * x - sin(angle) * y)) < 0.001)
            #expect(abs(stage[1] - (sin(angle) * x + cos(angle) * y)) < 0.001)
        }
    }

    @Test func `the overview in buffer B has its places too`() throws {
        let bench = try Self.taken()
        let overview = try bench.image("B")
        #expect(overview.width == 716 && overview.height == 716)
        var seen = 0
        for square in try bench.specimen().squares where square.targetClass == .good {
            let place = try bench.pixel(
                of: square.position, in: "B", truth: StagePosition(x: .zero, y: .zero),
                believed: StagePosition(x: .zero, y: .zero))
            let stored = (x: place.x - 0.5, y: 716 - place.y - 0.5)
            guard let spot = BrightSpot.centre(near: stored, radius: 19, in: overview) else { continue }
            #expect(abs(spot.x - stored.x) < 4 && abs(spot.y - stored.y) < 4)
            seen += 1
        }
        #expect(seen > 20)
        let found = try bench.numbers(.bufImagePosToStagePos, "B", 0, 358.0, 358.0)
        #expect(abs(found[0]) < 0.001 && abs(found[1]) < 0.001)
        // The middle piece of the second column, which is gone through from the top.
        #expect(found[2] == 4 && abs(found[3] - 128) < 1 && abs(found[4] - 128) < 1)
    }

    @Test func `an overview that is shown smaller has its places all the same`() throws {
        let bench = try ProgramBench.ready(size: 512)
        try bench.values(.goToImagingState, "atlas")
        try bench.values(.openNewMontage, 5, 5, "wide.mrc")
        try bench.values(.montage)
        let overview = try bench.image("B")
        #expect(overview.width == 1178)
        var seen = 0
        for square in try bench.specimen().squares where square.targetClass == .good {
            let place = try bench.pixel(
                of: square.position, in: "B", truth: StagePosition(x: .zero, y: .zero),
                believed: StagePosition(x: .zero, y: .zero))
            let stored = (x: place.x - 0.5, y: Double(overview.height) - place.y - 0.5)
            guard let spot = BrightSpot.centre(near: stored, radius: 19, in: overview) else { continue }
            #expect(abs(spot.x - stored.x) < 4 && abs(spot.y - stored.y) < 4)
            seen += 1
        }
        #expect(seen > 20)
        let found = try bench.numbers(.bufImagePosToStagePos, "B", 0, 589.0, 589.0)
        #expect(found[2] == 12 && abs(found[3] - 256) < 3 && abs(found[4] - 256) < 3)
    }

    @Test func `three by three pieces cover the whole grid`() throws {
        let bench = try Self.taken()
        let specimen = try bench.specimen()
        let overview = try bench.image("B")
        for square in specimen.squares {
            let place = try bench.pixel(
                of: square.position, in: "B", truth: StagePosition(x: .zero, y: .zero),
                believed: StagePosition(x: .zero, y: .zero))
            #expect(overview.contains(x: Int(place.x), y: Int(716 - place.y)))
        }
    }

    @Test func `a full montage counts its pieces by itself`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.goToImagingState, "atlas")
        try bench.goTo(StagePosition(x: .micrometres(100), y: .zero))
        try bench.values(.setupFullMontage, 0.1, "full.mrc")
        try bench.values(.montage)
        #expect(try bench.numbers(.reportFileZsize) == [1, 0])
        #expect(bench.entries(.exposure).count == 9)
        #expect(try bench.stage().distance(to: StagePosition(x: .zero, y: .zero)) < .micrometres(0.001))
    }

    @Test func `sizes are changed before the first piece alone`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.goToImagingState, "atlas")
        #expect(try bench.problem(.setMontageParams, 1).contains("must be open"))
        try bench.values(.openNewMontage, 2, 1, "m.mrc")
        try bench.values(.setMontageParams, 1, 8, 8, 48, 40)
        try bench.values(.montage)
        let file = try MRCFile(path: bench.host("C/SerialEM/m.mrc"))
        #expect(file.frameCount == 2 && file.width == 48 && file.height == 40)
        #expect(try bench.problem(.setMontageParams, 1, 4, 4, 32, 32).contains("cannot be changed"))
        #expect(try bench.problem(.montage).contains("already"))
        #expect(try bench.problem(.save).contains("montage"))
    }

    @Test func `a montage needs a file`() throws {
        let bench = try ProgramBench.ready(size: 64)
        #expect(try bench.problem(.montage).hasSuffix("\r\n\r\nMontage()"))
    }
}
