import Foundation
import Testing

@testable import Imaging

@Suite struct MRCFileTests {
    @Test(arguments: [MRCMode.int8, .int16, .uint16, .float16, .float32])
    func `a stack is read as it was written`(mode: MRCMode) throws {
        let low: Float = mode == .uint16 ? 0 : -100
        let frames = (0..<3).map { k in
            Image(width: 7, height: 5, pixels: (0..<35).map { low + Float($0 + 30 * k) })
        }
        let path = Fixtures.temporaryPath("stack.mrc")
        try MRCFile.write(frames, to: path, mode: mode, pixelSize: 1.25, labels: ["made by a test"])
        let file = try MRCFile(path: path)
        #expect(try (0..<3).map { try file.frame($0) } == frames)
        #expect(file.pixelSize == 1.25)
        #expect(file.header.labels == ["made by a test"])
        #expect(file.header.statistics?.minimum == low)
        #expect(abs((file.header.statistics?.mean ?? 0) - (low + 47)) < 1e-4)
    }

    @Test func `values beyond the mode are held at its ends`() throws {
        let path = Fixtures.temporaryPath("held.mrc")
        let image = Image(width: 4, height: 1, pixels: [-1e9, 1e9, .nan, 2.6])
        try MRCFile.write(image, to: path, mode: .int16)
        #expect(try MRCFile.image(path: path).pixels == [-32768, 32767, 0, 3])
    }

    @Test func `nothing is left of a stack that was not finished`() throws {
        let path = Fixtures.temporaryPath("never.mrc")
        do {
            let writer = try MRCWriter(path: path, width: 2, height: 2)
            try writer.append(Image(width: 2, height: 2))
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test func `a frame of another size is refused`() throws {
        let writer = try MRCWriter(path: Fixtures.temporaryPath("mixed.mrc"), width: 4, height: 4)
        #expect(throws: ImagingError.self) { try writer.append(Image(width: 4, height: 5)) }
    }

    @Test func `big endian files are read`() throws {
        var bytes = try written([1, -2, 300, 4], mode: .int16, width: 2, height: 2)
        for word in (0..<53) + [54, 55] {
            bytes.replaceSubrange(word * 4..<word * 4 + 4, with: bytes[word * 4..<word * 4 + 4].reversed())
        }
        bytes.replaceSubrange(212..<216, with: [0x11, 0x11, 0, 0])
        for i in stride(from: 1024, to: bytes.count, by: 2) { bytes.swapAt(i, i + 1) }
        let file = try MRCFile(path: saved(bytes))
        #expect(file.header.isBigEndian)
        #expect(try file.frame(0).pixels == [1, -2, 300, 4])
    }

    @Test func `an extended header is skipped`() throws {
        var bytes = try written([1, 2, 3, 4], mode: .float32, width: 2, height: 2)
        bytes.replaceSubrange(92..<96, with: [160, 0, 0, 0])
        bytes.replaceSubrange(104..<108, with: Array("FEI1".utf8))
        bytes.insert(contentsOf: [UInt8](repeating: 9, count: 160), at: 1024)
        let file = try MRCFile(path: saved(bytes))
        #expect(file.header.extendedKind == "FEI1")
        #expect(try file.frame(0).pixels == [1, 2, 3, 4])
    }

    @Test func `four-bit pixels are unpacked row by row, low half first`() throws {
        var bytes = try written([0, 0, 0, 0, 0, 0], mode: .int8, width: 3, height: 2)
        bytes.replaceSubrange(12..<16, with: [101, 0, 0, 0])
        bytes.replaceSubrange(1024..<bytes.count, with: [0x21, 0x03, 0x54, 0x0F])
        #expect(try MRCFile.image(path: saved(bytes)).pixels == [1, 2, 3, 4, 5, 15])
    }

    @Test func `bytes of an old file with large values are unsigned`() throws {
        var bytes = try written([0, 0], mode: .int8, width: 2, height: 1)
        bytes.replaceSubrange(108..<112, with: [0, 0, 0, 0])
        bytes.replaceSubrange(80..<84, with: withUnsafeBytes(of: Float(200).bitPattern) { Array($0) })
        bytes.replaceSubrange(1024..<1026, with: [200, 7])
        #expect(try MRCFile.image(path: saved(bytes)).pixels == [200, 7])
    }

    @Test func `a real file with an old machine stamp is read`() throws {
        let file = try MRCFile(path: Fixtures.resource("grid_square.mrc"))
        #expect(file.width == 512 && file.height == 512 && file.pixelSize == nil)
        #expect(try file.frame(0).statistics.standardDeviation > 0)
    }

    @Test func `a truncated file is named with what is missing`() throws {
        let bytes = try written([1, 2, 3, 4], mode: .float32, width: 2, height: 2)
        let path = try saved(Array(bytes.dropLast(3)))
        #expect(throws: ImagingError.truncated(file: path, expectedBytes: 1040, foundBytes: 1037)) { try MRCFile(path: path) }
    }

    @Test func `an empty file is no MRC image`() throws {
        let path = try saved([])
        #expect(throws: ImagingError.notAnMRC(file: path, detail: "it is empty")) { try MRCFile(path: path) }
    }

    @Test func `absurd sizes are refused`() throws {
        var bytes = try written([1, 2], mode: .float32, width: 2, height: 1)
        bytes.replaceSubrange(0..<4, with: [0xFF, 0xFF, 0xFF, 0xFF])
        let path = try saved(bytes)
        #expect {
            try MRCFile(path: path)
        } throws: { error in
            if case ImagingError.notAnMRC(path, _) = error { true } else { false }
        }
    }

    @Test func `complex pixels are refused by their mode`() throws {
        var bytes = try written([1, 2], mode: .float32, width: 2, height: 1)
        bytes.replaceSubrange(12..<16, with: [4, 0, 0, 0])
        let path = try saved(bytes)
        #expect(throws: ImagingError.unsupportedMode(file: path, mode: 4)) { try MRCFile(path: path) }
    }

    @Test func `a missing file and a folder are refused with the reason`() {
        #expect(throws: ImagingError.cannotRead(file: "/nowhere/x.mrc", reason: "no such file or directory")) {
            try MRCFile(path: "/nowhere/x.mrc")
        }
        #expect(throws: ImagingError.cannotRead(file: "/tmp", reason: "it is not a file")) { try MRCFile(path: "/tmp") }
    }

    private func written(_ pixels: [Float], mode: MRCMode, width: Int, height: Int) throws -> [UInt8] {
        let path = Fixtures.temporaryPath("base.mrc")
        try MRCFile.write(Image(width: width, height: height, pixels: pixels), to: path, mode: mode)
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func saved(_ bytes: [UInt8]) throws -> String {
        let path = Fixtures.temporaryPath("changed.mrc")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }
}
