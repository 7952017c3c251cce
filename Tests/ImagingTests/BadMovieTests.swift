import Foundation
import Testing

@testable import Imaging

@Suite struct BadMovieTests {
    @Test func `a movie of one value is named with what is wrong`() throws {
        let path = Fixtures.temporaryPath("flat.mrc")
        try MRCFile.write([Image](repeating: Image(width: 32, height: 32, filledWith: 7), count: 3), to: path)
        #expect(throws: ImagingError.holdsNoPicture(file: path, detail: "every pixel is the same")) {
            try FrameAlignment.align(MovieFile.open(path: path))
        }
    }

    @Test(arguments: [Float.nan, 0, .infinity])
    func `a movie without numbers holds no picture`(value: Float) throws {
        let path = Fixtures.temporaryPath("nothing.mrc")
        try MRCFile.write([Image](repeating: Image(width: 32, height: 32, filledWith: value), count: 2), to: path)
        for work in [
            { _ = try FrameAlignment.align(MovieFile.open(path: path)) },
            { _ = try FrameAlignment.sum(MovieFile.open(path: path)) },
        ] {
            #expect(throws: ImagingError.holdsNoPicture(file: path, detail: "every pixel is zero or not a number")) { try work() }
        }
    }

    @Test func `a movie of one frame has nothing to align, but a sum`() throws {
        let path = Fixtures.temporaryPath("one.mrc")
        try MRCFile.write(Fixtures.noise(width: 32, height: 32), to: path)
        #expect(throws: ImagingError.tooFewFrames(count: 1)) { try FrameAlignment.align(MovieFile.open(path: path)) }
        #expect(try FrameAlignment.sum(MovieFile.open(path: path)).width == 32)
    }

    @Test func `a movie that loses its end while it is read is told from a whole one`() throws {
        let path = Fixtures.temporaryPath("shrinking.mrc")
        try MRCFile.write((0..<4).map { Fixtures.noise(width: 64, height: 64, seed: UInt64($0)) }, to: path)
        let movie = try MovieFile.open(path: path)
        truncate(path, 1024 + 3 * 64 * 64 * 4)
        #expect(throws: ImagingError.truncated(file: path, expectedBytes: 66560, foundBytes: 50176)) {
            try FrameAlignment.align(movie)
        }
    }

    @Test func `a movie that is still being written is told from a whole one`() throws {
        let path = Fixtures.temporaryPath("growing.mrc")
        try MRCFile.write((0..<4).map { Fixtures.noise(width: 64, height: 64, seed: UInt64($0)) }, to: path)
        truncate(path, 1024 + 64 * 64 * 9)
        #expect(throws: ImagingError.truncated(file: path, expectedBytes: 66560, foundBytes: 37888)) {
            try MovieFile.open(path: path)
        }
    }

    @Test func `endings do not decide what a file is`() throws {
        let path = Fixtures.temporaryPath("picture.tif")
        try MRCFile.write(Image(width: 4, height: 4, filledWith: 3), to: path)
        #expect(try MovieFile.open(path: path) is MRCFile)
        let picture = Fixtures.temporaryPath("picture.mrc")
        try PNG.write(Picture(width: 2, height: 1, channels: 1, bytes: [10, 20]), to: picture)
        #expect(try MovieFile.open(path: picture).frame(0).pixels == [10, 20])
    }
}
