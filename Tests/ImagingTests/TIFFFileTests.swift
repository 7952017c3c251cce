import Foundation
import Testing

@testable import Imaging

@Suite struct TIFFFileTests {
    private static let frames = (0..<3).map { k in
        Image(width: 37, height: 21, pixels: (0..<777).map { Float(($0 * 7 + k * 31) % 200) })
    }

    @Test(.timeLimit(.minutes(1))) func `a pipe in a movie's place is not waited for`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).tif").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let problem = #expect(throws: ImagingError.self) { _ = try TIFFHandle(path: path, mode: "rmc") }
        #expect(problem?.sentence.contains("it is not a file") == true)
    }

    /// A few bytes may be said to be the strips of every frame.
    @Test func `frames that share a million strips are refused before they are all counted`() {
        let (parts, frames, each) = (1 << 20, 20, 2 + 2 * 12 + 4)
        let tags = { (next: Int) -> [UInt8] in
            let entries = [273, 279].flatMap {
                Self.little($0, 2) + Self.little(4, 2) + Self.little(parts, 4) + Self.little(8, 4)
            }
            return Self.little(2, 2) + entries + Self.little(next, 4)
        }
        let start = 8 + 4 * parts
        var bytes: [UInt8] = [0x49, 0x49, 42, 0] + Self.little(start, 4) + [UInt8](repeating: 0, count: 4 * parts)
        for frame in 0..<frames { bytes += tags(frame == frames - 1 ? 0 : start + (frame + 1) * each) }
        let file = bytes
        #expect(throws: ImagingError.notATIFF(file: "f.tif", detail: "its frames have too many tags and parts")) {
            try TIFFWalk(file: "f.tif", size: file.count) { offset, count throws(ImagingError) in
                Array(file[offset..<offset + count])
            }.directories()
        }
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    @Test(arguments: [TIFFWriter.Pixels.uint8, .int16, .uint16, .float32], [TIFFWriter.Compression.none, .lzw, .deflate, .zstd])
    func `a movie is read as it was written`(pixels: TIFFWriter.Pixels, compression: TIFFWriter.Compression) throws {
        let path = try Self.written(pixels: pixels, compression: compression)
        let file = try TIFFFile(path: path)
        #expect(try (0..<3).map { try file.frame($0) } == Self.frames)
        #expect(abs((file.pixelSize ?? 0) - 0.83) < 1e-4)
    }

    @Test func `BigTIFF is read`() throws {
        #expect(try TIFFFile(path: Self.written(isBig: true)).frame(2) == Self.frames[2])
    }

    @Test func `the same frames are the same picture as TIFF and as MRC`() throws {
        let mrc = Fixtures.temporaryPath("same.mrc")
        try MRCFile.write(Self.frames, to: mrc, mode: .int16)
        let (a, b) = try (MovieFile.open(path: mrc), MovieFile.open(path: Self.written()))
        #expect(try a.frame(1) == b.frame(1))
    }

    // Made by hand: 1 row of tiles, 16 x 16 each, of which 20 columns and 10 rows are the picture. The top row is stored first.
    @Test func `tiles are put together, the top row last`() throws {
        let tiles = (0..<2).flatMap { tile in (0..<256).map { UInt8(tile * 100 + $0 / 16) } }
        let image = try TIFFFile(path: Self.saved(Self.tiff(width: 20, height: 10, bits: 8, tile: 16, data: tiles))).frame(0)
        #expect(image[0, 9] == 0 && image[0, 0] == 9)
        #expect(image[16, 9] == 100 && image[19, 0] == 109)
    }

    @Test func `four-bit pixels are unpacked, high half first`() throws {
        let path = try Self.saved(Self.tiff(width: 3, height: 2, bits: 4, data: [0x12, 0x30, 0x45, 0x60]))
        #expect(try TIFFFile(path: path).frame(0).pixels == [4, 5, 6, 1, 2, 3])
    }

    @Test func `several threads read frames at once`() throws {
        let file = try TIFFFile(path: Self.written())
        let sums = FrameThreads.each(Array(0..<24)) { try? file.frame($0 % 3).pixels.reduce(0, +) }
        #expect(sums == (0..<24).map { Self.frames[$0 % 3].pixels.reduce(0, +) })
    }

    @Test func `a movie that is cut off is refused with what is missing`() throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Self.written()))
        for count in [3, 12, 200, whole.count / 2, whole.count - 40] {
            let path = try Self.saved([UInt8](whole.prefix(count)))
            #expect(throws: ImagingError.self) { try MovieFile.open(path: path).frame(0) }
        }
    }

    @Test func `frames that lead in a circle are refused`() throws {
        var bytes = Self.tiff(width: 3, height: 2, bits: 8, data: [1, 2, 3, 4, 5, 6])
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: bytes[4..<8])
        let path = try Self.saved(bytes)
        #expect(throws: ImagingError.notATIFF(file: path, detail: "its frames lead in a circle")) { try TIFFFile(path: path) }
    }

    @Test func `a size that its bytes cannot hold is refused before memory is taken`() throws {
        let path = try Self.saved(Self.tiff(width: 100_000, height: 100_000, bits: 8, compression: 5, data: [1, 2, 3, 4]))
        #expect { try TIFFFile(path: path) } throws: { "\($0)".contains("not enough") }
    }

    @Test func `damaged pixels are told`() throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.written())))
        for i in 8..<400 { bytes[i] = UInt8(truncatingIfNeeded: i &* 151) }
        let path = try Self.saved(bytes)
        #expect(throws: ImagingError.self) { try TIFFFile(path: path).frame(0) }
    }

    @Test func `colour pictures are refused`() throws {
        let path = try Self.saved(Self.tiff(width: 2, height: 1, bits: 8, samples: 3, data: [1, 2, 3, 4, 5, 6]))
        let detail = "it holds 3 values to a pixel, where a movie holds one"
        #expect(throws: ImagingError.unsupportedTIFF(file: path, detail: detail)) { try TIFFFile(path: path) }
    }

    @Test func `a compression that loses is named, with what to do`() throws {
        let path = try Self.saved(Self.tiff(width: 4, height: 1, bits: 8, compression: 7, data: [0, 0, 0, 0]))
        let problem = ImagingError.unsupportedTIFF(file: path, detail: "it is compressed by JPEG, which loses (number 7)")
        #expect(throws: problem) { try MovieFile.open(path: path) }
        #expect(problem.remedy?.contains("LZW") == true)
    }

    @Test func `nothing is left of a movie that was not finished`() throws {
        let path = Fixtures.temporaryPath("never.tif")
        do {
            let writer = try TIFFWriter(path: path, width: 37, height: 21, pixels: .uint8)
            try writer.append(Self.frames[0])
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    private static func written(
        pixels: TIFFWriter.Pixels = .uint8, compression: TIFFWriter.Compression = .lzw, isBig: Bool = false
    ) throws -> String {
        let path = Fixtures.temporaryPath("movie.tif")
        let writer = try TIFFWriter(
            path: path, width: 37, height: 21, pixels: pixels, compression: compression, pixelSize: 0.83, isBig: isBig)
        for frame in frames { try writer.append(frame) }
        try writer.finish()
        return path
    }

    private static func saved(_ bytes: [UInt8]) throws -> String {
        let path = Fixtures.temporaryPath("made.tif")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// One frame, little endian, its pixels behind the header and its tags at the end.
    private static func tiff(
        width: Int, height: Int, bits: Int, compression: Int = 1, samples: Int = 1, tile: Int? = nil, data: [UInt8]
    ) -> [UInt8] {
        var tags = [(256, width), (257, height), (258, bits), (259, compression), (262, 1)]
        let count = tile == nil ? 1 : 2
        let tail = 8 + data.count
        let part = data.count / count
        if tile == nil { tags += [(273, 8)] }
        tags += [(277, samples)]
        if tile == nil { tags += [(278, height), (279, data.count)] }
        if let tile { tags += [(322, tile), (323, tile), (324, tail), (325, tail + 8)] }
        var bytes = Array("II".utf8) + word(42, 2) + word(tail + (tile == nil ? 0 : 16), 4) + data
        if tile != nil { bytes += [8, 8 + part, part, part].flatMap { word($0, 4) } }
        bytes += word(tags.count, 2)
        for (tag, value) in tags { bytes += word(tag, 2) + word(4, 2) + word(tag >= 324 ? count : 1, 4) + word(value, 4) }
        return bytes + word(0, 4)
    }

    private static func word(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
