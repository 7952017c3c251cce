import Foundation
import ImagingSamples
import Testing

@testable import Imaging

@Suite struct GainReferenceTests {
    private static let gain = Image(width: 3, height: 2, pixels: [1, 2, 3, 4, 5, 8])

    @Test func `a reference of another size is refused with both files`() throws {
        let (path, movie) = (try Self.saved(Self.gain, "g.mrc"), try Self.movie(width: 2, height: 2))
        #expect(throws: ImagingError.gainDiffers(gain: path, size: "3 x 2", movie: movie.path, movieSize: "2 x 2")) {
            try GainReference.load(path: path, for: movie)
        }
        #expect(throws: ImagingError.self) { try GainReference.load(path: path, for: Self.movie(width: 2, height: 3)) }
    }

    // Row 0 is the bottom row: 4 5 8 lie above 1 2 3. Clockwise, the left column becomes the top row, its bottom at the left… of the top.
    @Test func `a reference is turned clockwise and turned over`() throws {
        let path = try Self.saved(Self.gain, "g.mrc")
        let tall = try Self.movie(width: 2, height: 3)
        let wide = try Self.movie(width: 3, height: 2)
        #expect(try GainReference.load(path: path, rotation: 1, for: tall).pixels == [4, 1, 5, 2, 8, 3])
        #expect(try GainReference.load(path: path, rotation: 2, for: wide).pixels == [8, 5, 4, 3, 2, 1])
        #expect(try GainReference.load(path: path, rotation: 3, for: tall).pixels == [3, 8, 2, 5, 1, 4])
        #expect(try GainReference.load(path: path, flip: .y, for: wide).pixels == [4, 5, 8, 1, 2, 3])
        #expect(try GainReference.load(path: path, flip: .x, for: wide).pixels == [3, 2, 1, 8, 5, 4])
    }

    @Test func `a reference in TIFF is turned over as its movie is, and multiplied whatever it is called`() throws {
        for name in ["camera.gain", "camera.tif"] {
            let path = try Self.savedTIFF(Self.gain, name)
            #expect(try GainReference.load(path: path, for: Self.movie(width: 3, height: 2)) == Self.gain)
        }
    }

    // The frames of electrons are as the camera has them; so is its reference, which TIFF's reader turns over.
    @Test func `of single electrons a Falcon's reference is multiplied as it lies, and any other divides`() throws {
        let movie = try Self.electrons(width: 3, height: 2)
        let falcon = try Self.savedTIFF(Self.gain, "20260101.gain")
        #expect(try GainReference.load(path: falcon, for: movie).pixels == [4, 5, 8, 1, 2, 3])
        let light = try GainReference.load(path: Self.saved(Self.gain, "light.mrc"), for: movie)
        // The mean is 23/6.
        #expect(zip(light.pixels, Self.gain.pixels).allSatisfy { abs($0 * $1 - 23 / 6) < 1e-5 })
    }

    @Test func `a reference of super-resolution is binned to its movie, and a coarse one is spread`() throws {
        var fine = Image(width: 4, height: 2, pixels: [1, 3, 5, 7, 2, 2, 0, 6])
        let binned = try GainReference.load(path: Self.saved(fine, "fine.mrc"), for: Self.movie(width: 2, height: 1))
        #expect(binned.pixels == [2, 6])
        let spread = try GainReference.load(path: Self.saved(binned, "coarse.mrc"), for: Self.movie(width: 4, height: 2))
        #expect(spread.pixels == [2, 2, 6, 6, 2, 2, 6, 6])
        // Dead ones of four are left out.
        fine.pixels[0...1] = [0, 0]
        #expect(
            try GainReference.load(path: Self.saved(fine, "dead.mrc"), for: Self.movie(width: 2, height: 1)).pixels == [2, 6])
    }

    @Test(arguments: [2, 4, 8, 16]) func `a reference is binned as its movie was, its odd rows and columns left out`(binning: Int)
        throws
    {
        var gain = Image(width: 2 * binning + 1, height: binning + 1, filledWith: 3)
        for y in 0..<binning { for x in 0..<binning { gain[x, y] = 7 } }
        gain[0, 0] = 0
        let path = try Self.saved(gain, "fine.mrc")
        #expect(try GainReference.load(path: path, for: Self.movie(width: 2, height: 1)).pixels == [7, 3])
    }

    // Right-handed, as IMOD has it: first left to right for 4, then quarter turns counter-clockwise, then left to right for 8.
    @Test(
        arguments: [
            (1, [4, 1, 5, 2, 8, 3]), (4, [3, 2, 1, 8, 5, 4]), (5, [8, 3, 5, 2, 4, 1]), (6, [4, 5, 8, 1, 2, 3]),
            (9, [1, 4, 2, 5, 3, 8]),
        ] as [(Int, [Float])])
    func `a reference follows the frames' turn as SerialEM counts it`(operation: Int, pixels: [Float]) throws {
        let isTurned = operation % 2 == 1
        let movie = try Self.movie(width: isTurned ? 2 : 3, height: isTurned ? 3 : 2)
        let path = try Self.saved(Self.gain, "g.mrc")
        #expect(try GainReference.load(path: path, rotationAndFlip: operation, for: movie).pixels == pixels)
    }

    @Test func `pixels without a positive number are replaced in every frame`() throws {
        var gain = Image(width: 32, height: 32, filledWith: 1)
        for (place, value) in [(40, Float(0)), (500, .nan), (777, -3)] { gain.pixels[place] = value }
        let movie = try Self.movie(width: 32, height: 32)
        let read = try GainReference.load(path: Self.saved(gain, "dead.mrc"), for: movie)
        #expect([40, 500, 777].allSatisfy { read.pixels[$0] == 0 })
        let sum = try FrameAlignment.sum(movie, gain: read)
        #expect([40, 500, 777].allSatisfy { sum.pixels[$0] > 50 })
    }

    @Test func `a reference of nothing is refused`() throws {
        let path = try Self.saved(Image(width: 3, height: 2), "empty.mrc")
        #expect(throws: ImagingError.holdsNoPicture(file: path, detail: "6 of its 6 pixels have no positive number")) {
            try GainReference.load(path: path, for: Self.movie(width: 3, height: 2))
        }
    }

    private static func saved(_ image: Image, _ name: String) throws -> String {
        let path = Fixtures.temporaryPath(name)
        try MRCFile.write(image, to: path)
        return path
    }

    private static func savedTIFF(_ image: Image, _ name: String) throws -> String {
        let path = Fixtures.temporaryPath(name)
        let writer = try TIFFWriter(path: path, width: image.width, height: image.height, pixels: .float32)
        try writer.append(image)
        try writer.finish()
        return path
    }

    private static func electrons(width: Int, height: Int) throws -> EERFile {
        let path = Fixtures.temporaryPath("movie.eer")
        let sample = EERSample(width: width, height: height, frames: [[EERSample.Electron(x: 1, y: 1)]])
        try Data(sample.file).write(to: URL(fileURLWithPath: path))
        return try #require(try MovieFile.open(path: path) as? EERFile)
    }

    private static func movie(width: Int, height: Int) throws -> any MovieSource {
        let path = Fixtures.temporaryPath("movie.mrc")
        try MRCFile.write(
            (0..<2).map { Fixtures.noise(width: width, height: height, mean: 100, deviation: 5, seed: $0) }, to: path)
        return try MovieFile.open(path: path)
    }
}
