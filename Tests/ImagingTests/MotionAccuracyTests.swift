import Foundation
import ImagingSamples
import Testing

@testable import Imaging

/// Against movies of known motion, as faint as those on which RELION 3.1.3 is 0.55, 0.38 and 0.16 pixels off.
@Suite struct MotionAccuracyTests {
    private static let soak = ProcessInfo.processInfo.environment["GRIDPILOT_SOAK"].flatMap(Int.init)

    @Test func `ten frames of 1024 x 1024 are found to 0.4 pixels`() throws {
        let errors = try (1...4 * (Self.soak == nil ? 1 : 5)).map { try Self.rms(side: 1024, seed: UInt64($0)) }
        #expect(Self.mean(errors) < 0.40)
        #expect(errors.max()! < 0.7)
    }

    @Test func `twenty frames of 2048 x 2048 are found to 0.23 pixels`() throws {
        let errors = try (1...(Self.soak == nil ? 1 : 6)).map { try Self.rms(side: 2048, seed: UInt64($0)) }
        #expect(Self.mean(errors) < 0.23)
    }

    @Test(.enabled(if: soak != nil))
    func `thirty frames of 4096 x 4096 are found to 0.12 pixels`() throws {
        #expect(try Self.mean([1, 2].map { try Self.rms(side: 4096, seed: $0) }) < 0.12)
    }

    @Test func `a specimen that jumps about is not smoothed away`() throws {
        let sample = MovieSample(side: 512, frames: 12, seed: 3, dose: 6, jitter: 1.2, specimen: Self.strong)
        let aligned = try FrameAlignment.align(sample.frames, settings: AlignmentSettings(gain: sample.camera.gain))
        #expect(DriftSample.rms(of: aligned.shifts, from: sample.path) < 0.15)
    }

    @Test func `hot and dead pixels are found on a camera with a gain`() {
        let sample = MovieSample(side: 512, frames: 16, seed: 5, dose: 1.2)
        let found = Set(FrameDefects(inSum: Self.sum(sample)).positions)
        let missed = sample.camera.defects.filter { !found.contains($0) }
        #expect(missed.count <= 1)
        #expect(found.count <= sample.camera.defects.count + 8)
    }

    @Test func `frames of little dose are followed in groups`() throws {
        let sample = MovieSample(side: 512, frames: 64, seed: 2, dose: 0.2, jitter: 0, specimen: Self.strong)
        let aligned = try FrameAlignment.align(sample.frames, settings: AlignmentSettings(gain: sample.camera.gain))
        #expect(aligned.shifts.count == 64)
        #expect(aligned.shifts[0] == .zero)
        #expect(DriftSample.rms(of: aligned.shifts, from: sample.path) < 0.6)
    }

    @Test func `parts of the field are followed by themselves`() throws {
        let sample = MovieSample(
            side: 1024, frames: 12, seed: 4, dose: 6, jitter: 0.05, specimen: Self.strong, field: LocalFieldSample())
        let frames = sample.frames
        let gain = sample.camera.gain
        let whole = try FrameAlignment.align(frames, settings: AlignmentSettings(gain: gain))
        let local = try FrameAlignment.align(frames, settings: AlignmentSettings(gain: gain, patches: PatchGrid()))
        #expect(whole.local == nil)
        let (before, after) = (Self.localRMS(whole, of: sample), Self.localRMS(local, of: sample))
        #expect(after < 0.25)
        #expect(after < before / 3)
        let truth = sample.intensity(0)
        #expect(Self.likeness(local.average, truth) > Self.likeness(whole.average, truth) + 0.05)
    }

    private static var strong: SpecimenSample {
        var specimen = SpecimenSample(seed: 9)
        specimen.contrast = 0.12
        return specimen
    }

    private static func rms(side: Int, seed: UInt64) throws -> Double {
        let sample = MovieSample.calibrated(side: side, seed: seed)
        let path = Fixtures.temporaryPath("movie.mrc")
        try sample.write(to: path)
        let aligned = try FrameAlignment.align(MovieFile.open(path: path), settings: AlignmentSettings(gain: sample.camera.gain))
        try FileManager.default.removeItem(atPath: path)
        return DriftSample.rms(of: aligned.shifts, from: sample.path)
    }

    private static func mean(_ errors: [Double]) -> Double {
        (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
    }

    private static func sum(_ sample: MovieSample) -> Image {
        (0..<sample.frameCount).reduce(Image(width: sample.width, height: sample.height)) { sum, index in
            sum.combined(with: sample.frame(index).combined(with: sample.camera.gain) { $0 * $1 }) { $0 + $1 }
        }
    }

    /// Over places on a grid, each path from its own mean.
    private static func localRMS(_ movie: AlignedMovie, of sample: MovieSample) -> Double {
        let places = [0.15, 0.4, 0.65, 0.85]
        let errors = places.flatMap { u in
            places.map { v in
                let truth = sample.path.enumerated().map { $1 + sample.field!.displacement(u: u, v: v, frame: $0) }
                let found = movie.shifts.enumerated().map { frame, shift in
                    shift + (movie.local?.displacement(x: u * 1024, y: v * 1024, frame: frame) ?? .zero)
                }
                return DriftSample.rms(of: found, from: truth)
            }
        }
        return mean(errors)
    }

    /// Correlation of what is neither coarse nor finest: motion blurs it.
    private static func likeness(_ a: Image, _ b: Image) -> Double {
        let (x, y) = (
            a.differenceOfGaussians(inner: 1.2, outer: 4).normalised(), b.differenceOfGaussians(inner: 1.2, outer: 4).normalised()
        )
        return zip(x.pixels, y.pixels).reduce(0.0) { $0 + Double($1.0 * $1.1) } / Double(x.pixels.count)
    }
}
