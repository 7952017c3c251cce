import Foundation
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

    @Test func `sensitivities are divided by, and TIFF is turned over`() throws {
        let path = Fixtures.temporaryPath("camera.gain")
        let writer = try TIFFWriter(path: path, width: 3, height: 2, pixels: .float32)
        try writer.append(Self.gain)
        try writer.finish()
        let read = try GainReference.load(path: path, for: Self.movie(width: 3, height: 2))
        #expect(read.pixels == [1, 0.5, Float(1) / 3, 0.25, 0.2, 0.125])
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

    private static func movie(width: Int, height: Int) throws -> any MovieSource {
        let path = Fixtures.temporaryPath("movie.mrc")
        try MRCFile.write(
            (0..<2).map { Fixtures.noise(width: width, height: height, mean: 100, deviation: 5, seed: $0) }, to: path)
        return try MovieFile.open(path: path)
    }
}
