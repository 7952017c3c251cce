import Testing

@testable import Imaging

@Suite struct CameraDefectsTests {
    private static func defects(_ text: String) throws -> CameraDefects { try CameraDefects(text, file: "defects.txt") }

    @Test func `rows, columns, parts of them and pixels are found, counted from the top`() throws {
        let defects = try Self.defects(
            """
            # made by hand
            CameraSizeX 4
            CameraSizeY 3\r
            RotationAndFlip 0
            WasScaled 0
            BadColumns 1
            PartialBadRow 0 1 2 3
            BadPixels 3 2
            """)
        // Row 0 is the bottom row: the part of the top row is places 10 and 11, the pixel of the lowest row place 3.
        #expect(try defects.positions(width: 4, height: 3) == [1, 3, 5, 9, 10, 11])
    }

    @Test func `what lies outside of the usable area is bad`() throws {
        let defects = try Self.defects("CameraSizeX 4\nCameraSizeY 3\nUsableArea 1 0 1 2\n")
        #expect(try defects.positions(width: 4, height: 3) == [0, 1, 2, 3, 7, 8, 9, 10, 11])
        #expect(try Self.defects("CameraSizeX 2\nCameraSizeY 2\nUsableArea 0 0 0 0").positions(width: 2, height: 2) == [])
    }

    @Test func `a pixel of the camera is four of a super-resolution movie, and a quarter one of the camera's`() throws {
        let coarse = try Self.defects("CameraSizeX 2\nCameraSizeY 1\nBadPixels 1 0")
        #expect(try coarse.positions(width: 4, height: 2) == [2, 3, 6, 7])
        let fine = try Self.defects("CameraSizeX 4\nCameraSizeY 2\nBadPixels 3 1")
        #expect(try fine.positions(width: 2, height: 1) == [1])
        #expect(try coarse.positions(width: 5, height: 2) == nil)
    }

    @Test(arguments: [2, 4, 8, 16]) func `places follow every binning of a movie`(binning: Int) throws {
        // A column in the second pixel across, and a pixel in the last row; one more column and row is left out.
        let defects = try Self.defects(
            """
            CameraSizeX \(3 * binning + 1)
            CameraSizeY \(2 * binning + 1)
            BadColumns \(2 * binning - 1) \(3 * binning)
            BadPixels 0 \(2 * binning - 1) 0 \(2 * binning)
            """)
        #expect(try defects.positions(width: 3, height: 2) == [0, 1, 4])
    }

    @Test(arguments: [(0, 5), (1, 4), (2, 0), (3, 1), (4, 3), (5, 0)])
    func `places follow the turn of the frames`(turn: Int, position: Int) throws {
        // The upper right pixel of a camera of 3 x 2.
        let defects = try Self.defects("CameraSizeX 3\nCameraSizeY 2\nBadPixels 2 0")
        let isTurned = turn % 2 == 1
        #expect(try defects.positions(width: isTurned ? 2 : 3, height: isTurned ? 3 : 2, rotationAndFlip: turn) == [position])
    }

    @Test func `places of turned frames are turned back for frames that are not`() throws {
        let turned = try Self.defects("CameraSizeX 2\nCameraSizeY 3\nRotationAndFlip 1\nBadPixels 0 0")
        // Counter-clockwise by a quarter, the upper right pixel became the upper left one.
        #expect(try turned.positions(width: 3, height: 2, rotationAndFlip: 0) == [5])
        #expect(try turned.positions(width: 2, height: 3, rotationAndFlip: 1) == [4])
    }

    @Test(arguments: ["", "hello world", "BadPixels one two", "BadColumns 99999999", "BadPixels -1 3"])
    func `another file is refused`(text: String) {
        #expect(throws: ImagingError.self) { try Self.defects(text) }
    }

    @Test(arguments: [
        "BadColumns 4", "BadRows 3", "BadPixels 3 3", "PartialBadRow 0 1 2 4", "PartialBadColumn 3 2 0 1", "UsableArea 3 0 2 3",
        "UsableArea 0 0 9 3",
    ])
    func `places outside of the camera are refused at once, or when its size is known`(line: String) throws {
        let problem = ImagingError.notDefects(
            file: "defects.txt", detail: "it names places outside of a camera of 4 x 3 pixels")
        #expect(throws: problem) { try Self.defects("CameraSizeX 4\nCameraSizeY 3\n\(line)") }
        let defects = try Self.defects(line)
        #expect(throws: problem) { try defects.positions(width: 4, height: 3) }
    }

    @Test func `more places than a camera has are refused before any is marked`() throws {
        let columns = "BadColumns" + String(repeating: " 1", count: 60_000)
        let problem = ImagingError.notDefects(
            file: "defects.txt", detail: "it names more places than a camera of 5760 x 4092 pixels has")
        #expect(throws: problem) { try Self.defects("CameraSizeX 5760\nCameraSizeY 4092\n" + columns) }
        let pixels = "BadPixels" + String(repeating: " 1 1", count: 70_000)
        #expect(throws: ImagingError.notDefects(file: "defects.txt", detail: "it names more bad places than any camera has")) {
            try Self.defects(pixels)
        }
    }

    @Test func `bad columns are replaced in every frame, however wide`() throws {
        let frames = (0..<3).map { index in
            var frame = Fixtures.noise(width: 64, height: 64, mean: 100, deviation: 3, seed: UInt64(index))
            for y in 0..<64 { for x in 20..<28 { frame[x, y] = 0 } }
            return frame
        }
        let text = "CameraSizeX 64\nCameraSizeY 64\nBadColumns 20 21 22 23 24 25 26 27"
        let positions = try #require(try Self.defects(text).positions(width: 64, height: 64))
        let sum = try FrameAlignment.sum(FrameList(frames), defects: positions)
        #expect(positions.allSatisfy { sum.pixels[$0] > 250 })
    }
}
