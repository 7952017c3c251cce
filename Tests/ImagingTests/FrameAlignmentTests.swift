import Foundation
import Testing

@testable import Imaging

@Suite struct FrameAlignmentTests {
    private static let path = (0..<8).map { PixelShift(x: 4 * (1 - exp(-Double($0) / 2)), y: -2.5 + 2.5 * exp(-Double($0) / 3)) }

    @Test func `the displacement of the content is found to a fraction of a pixel`() throws {
        let aligned = try FrameAlignment.align(FrameList(Self.movie()))
        let worst = zip(aligned.shifts, Self.path).map { ($0 - $1).length }.max()!
        #expect(aligned.shifts[0] == .zero)
        #expect(worst < 0.35)
    }

    @Test func `pixels that stand still are replaced and do not hold the frames back`() throws {
        var frames = Self.movie()
        for k in frames.indices {
            for i in stride(from: 501, to: frames[k].pixels.count, by: 1777) { frames[k].pixels[i] = i % 2 == 0 ? 400 : 0 }
        }
        let aligned = try FrameAlignment.align(FrameList(frames))
        #expect((37...39).contains(aligned.defects))
        #expect(zip(aligned.shifts, Self.path).map { ($0 - $1).length }.max()! < 0.35)
    }

    @Test func `the aligned sum is sharper than the plain one`() throws {
        let frames = FrameList(Self.movie())
        let clean = Self.specimen()
        let aligned = try FrameAlignment.align(frames).average
        let plain = try FrameAlignment.sum(frames)
        #expect(Self.likeness(aligned, clean) > Self.likeness(plain, clean) + 0.05)
    }

    @Test func `dose weighting keeps the mean and damps fine detail`() throws {
        let settings = AlignmentSettings(dose: DoseSettings(perFrame: 6, pixelSize: 1.5))
        let aligned = try FrameAlignment.align(FrameList(Self.movie()), settings: settings)
        let weighted = try #require(aligned.doseWeighted)
        let frames = 8.0
        #expect(abs(weighted.statistics.mean - aligned.average.statistics.mean / frames.squareRoot()) < 0.5)
    }

    @Test func `a gain reference is multiplied in`() throws {
        let ramp = Image(width: 16, height: 16, pixels: (0..<256).map(Float.init))
        let sum = try FrameAlignment.sum(FrameList([ramp, ramp]), gain: Image(width: 16, height: 16, filledWith: 0.5))
        #expect(sum == ramp)
    }

    @Test func `a gain reference of another size is refused`() {
        let settings = AlignmentSettings(gain: Image(width: 8, height: 8))
        #expect(throws: ImagingError.sizesDiffer(what: "The gain reference", expected: "256 x 256", found: "8 x 8")) {
            try FrameAlignment.align(FrameList(Self.movie()), settings: settings)
        }
    }

    @Test func `one frame has nothing to align`() {
        #expect(throws: ImagingError.tooFewFrames(count: 1)) {
            try FrameAlignment.align(FrameList([Image(width: 16, height: 16)]))
        }
    }

    /// Blurred noise with bright particles: an image with detail at all sizes.
    private static func specimen() -> Image {
        let fine = Fixtures.noise(width: 256, height: 256, seed: 11).blurred(sigma: 1).normalised()
        let coarse = Fixtures.noise(width: 256, height: 256, seed: 12).blurred(sigma: 5).normalised()
        return fine.combined(with: coarse) { $0 + $1 }
    }

    private static func movie() -> [Image] {
        let still = FourierTransform.forward(specimen())
        return path.enumerated().map { k, shift in
            var moved = still
            for row in 0..<256 {
                for column in 0..<still.columns {
                    let turns = Double(column) / 256 * shift.x + Double(row <= 128 ? row : row - 256) / 256 * shift.y
                    let (c, s) = (Float(cos(2 * .pi * turns)), Float(-sin(2 * .pi * turns)))
                    let at = (row * still.columns + column) * 2
                    let (a, b) = (still.values[at], still.values[at + 1])
                    moved.values[at] = a * c - b * s
                    moved.values[at + 1] = a * s + b * c
                }
            }
            let noise = Fixtures.noise(width: 256, height: 256, mean: 60, deviation: 7, seed: UInt64(100 + k))
            return FourierTransform.inverse(moved).combined(with: noise) { 4 * $0 + $1 }
        }
    }

    private static func likeness(_ a: Image, _ b: Image) -> Double {
        let (x, y) = (a.normalised(), b.normalised())
        return zip(x.pixels, y.pixels).reduce(0.0) { $0 + Double($1.0 * $1.1) } / Double(x.pixels.count)
    }
}

@Suite struct DoseWeightingTests {
    // 0.24499·0.1^(−1.6649) + 2.8141 = 0.24499·46.227 + 2.8141 = 14.139
    @Test func `the critical dose is that of the paper`() {
        #expect(abs(DoseWeighting.criticalDose(frequency: 0.1, voltage: 300) - 14.139) < 0.01)
        #expect(abs(DoseWeighting.criticalDose(frequency: 0.1, voltage: 200) - 11.311) < 0.01)
    }

    @Test func `later frames and finer detail count less`() {
        let weighting = DoseWeighting(settings: DoseSettings(perFrame: 2, pixelSize: 1))
        let (early, late) = (weighting.weights(frame: 0), weighting.weights(frame: 20))
        #expect(early[0] == 1 && late[0] == 1)
        #expect(early[2000] > late[2000] && late[1000] > late[3000])
    }
}
