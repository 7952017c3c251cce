import Foundation
import ImagingSamples
import Testing

@testable import Imaging

@Suite struct EERFileTests {
    @Test(arguments: [65000, 65001, 65002], [1, 2])
    func `every electron is counted where it hit`(compression: Int, upsampling: Int) throws {
        var sample = EERSample(width: 96, height: 64, frames: 12, rate: 0.02, seed: 4)
        sample.compression = compression
        let movie = try Self.movie(sample, EERSettings(upsampling: upsampling, grouping: .frames(4)))
        #expect(movie.width == 96 * upsampling && movie.height == 64 * upsampling && movie.frameCount == 3)
        for index in 0..<3 {
            let counts = sample.counts(index * 4..<index * 4 + 4, upsampling: upsampling)
            #expect(try movie.frame(index).pixels == counts)
        }
    }

    @Test(arguments: [(5, 1, 3), (7, 2, 2), (9, 3, 1), (16, 4, 4), (2, 1, 1)])
    func `a camera may tell its own numbers of bits`(run: Int, across: Int, down: Int) throws {
        var sample = EERSample(width: 64, height: 40, frames: 2, rate: 0.1, seed: 9)
        sample.compression = 65002
        sample.bits = (run, across, down)
        // Within what so few bits can say.
        sample.frames = sample.frames.map {
            $0.map { EERSample.Electron(x: $0.x, y: $0.y, across: $0.across < 0 ? -1 : 0, down: $0.down < 0 ? -1 : 0) }
        }
        let movie = try Self.movie(sample, EERSettings(upsampling: 2, grouping: .frames(1)))
        #expect(try movie.frame(1).pixels == sample.counts(1..<2, upsampling: 2))
    }

    @Test func `frames in several strips are one stream of codes`() throws {
        var sample = EERSample(width: 128, height: 128, frames: 3, rate: 0.05, seed: 2)
        sample.strips = 5
        let movie = try Self.movie(sample, EERSettings(grouping: .frames(3)))
        #expect(try movie.frame(0).pixels == sample.counts(0..<3))
    }

    @Test func `frames without an electron, and one at every pixel, are frames`() throws {
        let every = (0..<256).map { EERSample.Electron(x: $0 % 16, y: $0 / 16) }
        let last = [EERSample.Electron(x: 15, y: 15)]
        let sample = EERSample(width: 16, height: 16, frames: [[], every, last, []])
        let movie = try Self.movie(sample, EERSettings(grouping: .frames(1)))
        #expect(try (0..<4).map { try movie.frame($0).pixels.reduce(0, +) } == [0, 256, 1, 0])
        #expect(try movie.frame(2)[15, 15] == 1)
    }

    @Test func `a movie without any electron holds no picture`() throws {
        let movie = try Self.movie(EERSample(width: 64, height: 64, frames: [[], [], []]), EERSettings(grouping: .frames(1)))
        #expect(throws: ImagingError.holdsNoPicture(file: movie.path, detail: "every pixel is zero or not a number")) {
            try FrameAlignment.align(movie)
        }
    }

    @Test(arguments: [
        (EERSettings.Grouping.dose(1), 40.0, 40), (.dose(2), 40, 20), (.dose(1), 3, 8), (.frames(25), 40, 40),
        (.frames(300), 40, 3),
        (.frames(2000), 40, 1),
    ])
    func `frames are put together by dose or by number`(grouping: EERSettings.Grouping, dose: Double, count: Int) {
        #expect(EERSettings(grouping: grouping, dose: dose).count(of: 1000) == count)
    }

    @Test(arguments: [(EERSettings.Grouping.frames(3), 3), (.frames(4), 4), (.frames(50), 10), (.dose(1), 1)])
    func `a number that was asked for is told to programs as it is`(grouping: EERSettings.Grouping, each: Int) throws {
        let sample = EERSample(width: 16, height: 16, frames: 10, rate: 0.05, seed: 7)
        #expect(try Self.movie(sample, EERSettings(grouping: grouping)).grouping == each)
    }

    @Test func `without a dose there are as many frames as movies have`() {
        #expect(EERSettings().count(of: 1000) == 40 && EERSettings().count(of: 12) == 12)
    }

    @Test func `what the camera wrote is used`() throws {
        var sample = EERSample(width: 64, height: 64, frames: 30, rate: 0.01, seed: 3)
        sample.metadata = """
            <?xml version="1.0"?><metadata><item name="sensorPixelSize.width" unit="m">7.5e-11</item>
            <item name="totalDose" unit="e/pixel">9</item><item name="exposureTime" unit="s">3.5</item></metadata>
            """
        let movie = try Self.movie(sample, EERSettings(upsampling: 2))
        #expect(abs((movie.pixelSize ?? 0) - 0.375) < 1e-9 && movie.metadata.exposureTime == 3.5)
        // 9 electrons a pixel of 0.75 Å are 16 e/Å².
        #expect(abs((movie.metadata.dose ?? 0) - 16) < 1e-9 && movie.frameCount == 16 && movie.rawFrameCount == 30)
    }

    @Test func `a movie that is cut off is told from a whole one, wherever it ends`() throws {
        let whole = EERSample(width: 64, height: 64, frames: 4, rate: 0.05, seed: 8).file
        for count in [0, 7, 15, 16, 100, whole.count / 2, whole.count - 1] {
            let path = try Self.saved(Array(whole.prefix(count)))
            #expect(throws: ImagingError.self) { try MovieFile.open(path: path) }
        }
    }

    @Test func `events that end early or lead too far are told, with their frame`() throws {
        let (short, long) = (EERSample(width: 16, height: 8, frames: [[]]), EERSample(width: 16, height: 32, frames: [[]]))
        for (sample, words) in [(short, "end before its last pixel"), (long, "lead beyond its last pixel")] {
            var bytes = sample.file
            // The height of its header becomes 16.
            let at = try #require(bytes.indices.first { bytes[$0...].starts(with: [1, 1, 4, 0]) })
            bytes[at + 12] = 16
            let path = try Self.saved(bytes)
            #expect { try MovieFile.open(path: path).frame(0) } throws: {
                ($0 as? ImagingError)?.sentence.contains("the events of frame 1 \(words)") == true
            }
        }
    }

    @Test func `a compression that is nobody's is named`() throws {
        var sample = EERSample(width: 32, height: 32, frames: [[]])
        sample.compression = 65003
        let path = try Self.saved(sample.file)
        #expect { try MovieFile.open(path: path) } throws: {
            ($0 as? ImagingError)?.sentence.contains("compressed by number 65003") == true
        }
    }

    @Test func `numbers of bits that cannot be are refused`() throws {
        var sample = EERSample(width: 32, height: 32, frames: [[]])
        (sample.compression, sample.bits) = (65002, (15, 6, 6))
        let path = try Self.saved(sample.file)
        #expect(throws: ImagingError.notAnEER(file: path, detail: "its events are coded with numbers of bits that cannot be")) {
            try MovieFile.open(path: path)
        }
        #expect(EERCodes(compression: 65002, run: 1, across: 2, down: 2) == nil)
    }

    @Test func `a movie of no frames is refused`() throws {
        let path = try Self.saved(EERSample(width: 32, height: 32, frames: []).file)
        #expect(throws: ImagingError.notATIFF(file: path, detail: "it holds no frame")) { try MovieFile.open(path: path) }
    }

    @Test func `a text that would lie beyond every file is no text`() throws {
        var sample = EERSample(width: 32, height: 32, frames: [[], []])
        sample.metadata = "<metadata/>"
        var bytes = sample.file
        let tag = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xE9, 0xFD, 7, 0]) })
        for i in 12..<20 { bytes[tag + i] = i == 19 ? 0x7F : 0xFF }
        #expect(try #require(try MovieFile.open(path: Self.saved(bytes)) as? EERFile).metadata == EERMetadata(""))
    }

    @Test func `frames that all lie at one place, longer together than the file, are refused`() throws {
        var bytes = EERSample(width: 64, height: 64, frames: 4, rate: 0.05, seed: 8).file
        for at in bytes.indices {
            let (isPlace, isLength) = (bytes[at...].starts(with: [17, 1, 16, 0]), bytes[at...].starts(with: [23, 1, 16, 0]))
            guard isPlace || isLength else { continue }
            let value = isPlace ? 16 : bytes.count / 2
            for i in 0..<8 { bytes[at + 12 + i] = UInt8(truncatingIfNeeded: value >> (8 * i)) }
        }
        let path = try Self.saved(bytes)
        #expect(throws: ImagingError.notAnEER(file: path, detail: "its frames are longer together than the file")) {
            try MovieFile.open(path: path)
        }
    }

    private static func movie(_ sample: EERSample, _ settings: EERSettings) throws -> EERFile {
        try #require(try MovieFile.open(path: saved(sample.file), eer: settings) as? EERFile)
    }

    private static func saved(_ bytes: [UInt8]) throws -> String {
        let path = Fixtures.temporaryPath("made.eer")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test(arguments: [0, 3, 7]) func `a page without electrons is a sum before the frames or behind them, and nowhere else`(
        page: Int
    )
        throws
    {
        let path = Fixtures.temporaryPath("summed.eer")
        let writer = EERWriter(path: path, width: 64, height: 64, pixelSize: 1, seed: 3)
        writer.append(Image(width: 64, height: 64, filledWith: 1))
        try writer.finish()
        var bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
        // Tag 259, one short: the compression, 65001.
        let tag: [UInt8] = [3, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xE9, 0xFD]
        let places = bytes.indices.filter { bytes[$0...].starts(with: tag) }
        try #require(places.count == 8)
        bytes.replaceSubrange(places[page] + 12..<places[page] + 14, with: [5, 0])
        try Data(bytes).write(to: URL(filePath: path))
        guard page == 3 else {
            #expect(try MovieFile.open(path: path).rawFrameCount == 7)
            return
        }
        #expect(throws: ImagingError.notAnEER(file: path, detail: "page 4 of it holds no electrons")) {
            try MovieFile.open(path: path)
        }
    }
}
