import Foundation
import ImagingSamples
import Testing

@testable import Imaging

@Suite struct BinnedMovieTests {
    @Test func `a binned movie has the shifts of the whole one, and its electrons in a quarter of the pixels`() throws {
        let sample = MovieSample(side: 512, frames: 8, seed: 3, dose: 3)
        var settings = AlignmentSettings(gain: sample.camera.gain)
        let whole = try FrameAlignment.align(sample.frames, settings: settings)
        settings.binning = 2
        let binned = try FrameAlignment.align(sample.frames, settings: settings)
        #expect(binned.average.width == 256 && binned.average.height == 256)
        #expect(abs(binned.average.statistics.mean / whole.average.statistics.mean / 4 - 1) < 0.001)
        let misses = zip(binned.shifts, sample.path).map { ($0 - ($1 - sample.path[0])).length }
        #expect(misses.allSatisfy { $0 < 1 })
        // Low frequencies are the same ones.
        let coarse = FourierTransform.inverse(FourierTransform.forward(whole.average, croppedToWidth: 64, height: 64))
        let other = FourierTransform.inverse(FourierTransform.forward(binned.average, croppedToWidth: 64, height: 64))
        #expect(Self.correlation(coarse, other) > 0.98)
    }

    @Test func `a still picture is binned as well, and a tiny one is not`() throws {
        let frame = Fixtures.noise(width: 64, height: 32, mean: 10, deviation: 1)
        let sum = try FrameAlignment.sum(FrameList([frame]), binning: 2)
        #expect(sum.width == 32 && sum.height == 16 && abs(sum.statistics.mean - 4 * frame.statistics.mean) < 0.01)
        #expect(
            try FrameAlignment.sum(FrameList([Image(width: 8, height: 8, pixels: (0..<64).map { Float($0) })]), binning: 2).width
                == 8)
    }

    @Test(arguments: [MRCMode.int8, .float32, nil])
    func `rows of a frame are those of the whole frame`(mode: MRCMode?) throws {
        let image = Image(width: 50, height: 333, pixels: (0..<50 * 333).map { Float($0 % 97) })
        let path = Fixtures.temporaryPath("rows")
        if let mode {
            try MRCFile.write([image, image], to: path, mode: mode)
        } else {
            let writer = try TIFFWriter(path: path, width: 50, height: 333, pixels: .uint8)
            for _ in 0..<2 { try writer.append(image) }
            try writer.finish()
        }
        let movie = try MovieFile.open(path: path)
        // The writer's strips of 64 kB hold such a small frame whole; they are cut all the same.
        for rows in [0..<1, 7..<120, 332..<333, 0..<333] {
            var part = [Float](repeating: -1, count: rows.count * 50)
            try part.withUnsafeMutableBufferPointer { try movie.read(1, rows: rows, into: $0) }
            #expect(part == Array(image.pixels[rows.lowerBound * 50..<rows.upperBound * 50]))
        }
    }

    @Test func `a spectrum made of bands of rows is that of the whole frame`() throws {
        let image = Fixtures.noise(width: 96, height: 70)
        let whole = image.pixels.withUnsafeBufferPointer { PackedSpectrum(of: $0.baseAddress!, width: 96, height: 70) }
        let banded = try PackedSpectrum(width: 96, height: 70, toWidth: 48, height: 34, band: 16) {
            rows, use throws(ImagingError) in
            image.pixels.withUnsafeBufferPointer { use($0.baseAddress! + rows.lowerBound * 96) }
        }
        #expect(banded.values == whole.packed(toWidth: 48, height: 34).values)
    }

    private static func correlation(_ a: Image, _ b: Image) -> Double {
        let (m, n) = (a.statistics.mean, b.statistics.mean)
        var sums = (0.0, 0.0, 0.0)
        for (x, y) in zip(a.pixels, b.pixels) {
            let (u, v) = (Double(x) - m, Double(y) - n)
            sums = (sums.0 + u * v, sums.1 + u * u, sums.2 + v * v)
        }
        return sums.0 / (sums.1 * sums.2).squareRoot()
    }
}
