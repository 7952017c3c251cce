import Foundation
import ImagingSamples
import Testing

@testable import Imaging

@Suite struct PNGTests {
    @Test(arguments: [1, 3, 4])
    func `a picture is read as it was written`(channels: Int) throws {
        let bytes = (0..<20 * 10 * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let picture = Picture(width: 20, height: 10, channels: channels, bytes: bytes)
        let path = Fixtures.temporaryPath("picture.png")
        try PNG.write(picture, to: path)
        #expect(try PNG.read(path: path) == picture)
    }

    @Test func `noise that cannot shrink still fits`() throws {
        var random = SeededGenerator(seed: 4)
        let bytes = (0..<300 * 200).map { _ in UInt8.random(in: 0...255, using: &random) }
        let picture = Picture(width: 300, height: 200, bytes: bytes)
        #expect(try PNG.decode(PNG.encode(picture), file: "noise") == picture)
    }

    @Test func `a cut picture is refused by name`() throws {
        let bytes = try PNG.encode(Picture(width: 50, height: 50, bytes: [UInt8](repeating: 3, count: 2500)))
        #expect {
            try PNG.decode(Array(bytes.prefix(60)), file: "cut.png")
        } throws: { error in
            if case ImagingError.notAPNG("cut.png", _) = error { true } else { false }
        }
    }

    @Test func `a picture as a movie is not decoded before it is wanted`() throws {
        var bytes = try PNG.encode(Picture(width: 50, height: 40, bytes: [UInt8](repeating: 3, count: 2000)))
        let path = Fixtures.temporaryPath("picture.png")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(try MovieFile.open(path: path).frame(0) == Image(width: 50, height: 40, filledWith: 3))
        // The middle lies within the packed pixels.
        for i in 0..<4 { bytes[bytes.count / 2 + i] ^= 0xFF }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let movie = try MovieFile.open(path: path)
        #expect(movie.width == 50 && movie.height == 40 && movie.frameCount == 1)
        #expect(throws: ImagingError.self) { try movie.frame(0) }
    }

    @Test func `a picture that is cut off, or of more pixels than any, is no movie`() throws {
        var bytes = try PNG.encode(Picture(width: 50, height: 40, bytes: [UInt8](repeating: 3, count: 2000)))
        for count in [9, 20, 30, bytes.count / 2, bytes.count - 1] {
            let path = Fixtures.temporaryPath("cut.png")
            try Data(bytes.prefix(count)).write(to: URL(fileURLWithPath: path))
            #expect(throws: ImagingError.self) { try MovieFile.open(path: path) }
        }
        for at in 16..<24 { bytes[at] = 0xFF }
        let path = Fixtures.temporaryPath("large.png")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let detail = "its header tells of 4294967295 x 4294967295 pixels"
        #expect(throws: ImagingError.notAPNG(file: path, detail: detail)) { try MovieFile.open(path: path) }
    }

    @Test func `a picture in a missing folder is refused`() {
        #expect(throws: ImagingError.self) {
            try PNG.write(Picture(width: 1, height: 1, bytes: [0]), to: "/nowhere/at/all.png")
        }
    }
}

@Suite struct PictureTests {
    @Test func `a picture becomes an image with its lowest row first`() {
        let picture = Picture(width: 1, height: 2, bytes: [10, 20])
        #expect(picture.image.pixels == [20, 10])
    }
}

@Suite struct ThumbnailTests {
    @Test func `the stored top row is drawn on top`() {
        let image = Image(width: 1, height: 2, pixels: [0, 100])
        #expect(Thumbnail.picture(image, black: 0, white: 100).bytes == [255, 0])
    }

    @Test func `one hot pixel does not darken the picture`() {
        var image = Fixtures.noise(width: 200, height: 200, mean: 100, deviation: 5)
        image[50, 50] = 1e7
        let picture = Thumbnail.make(image, size: 200)
        let mean = picture.bytes.reduce(0) { $0 + Int($1) } / picture.bytes.count
        #expect((100...155).contains(mean))
    }

    @Test func `sizes are limits for the longer side`() {
        let pictures = Thumbnail.make(Fixtures.noise(width: 300, height: 150), sizes: [64, 128, 1000])
        #expect(pictures[64]?.width == 64 && pictures[64]?.height == 32)
        #expect(pictures[128]?.width == 128)
        #expect(pictures[1000]?.width == 300)
    }

    @Test func `an even image is drawn without dividing by nothing`() {
        let picture = Thumbnail.make(Image(width: 8, height: 8, filledWith: 5), size: 4)
        #expect(picture.bytes == [UInt8](repeating: 0, count: 16))
    }
}
