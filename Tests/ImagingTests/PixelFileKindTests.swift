import Foundation
import Testing

@testable import Imaging

@Suite struct PixelFileKindTests {
    @Test(
        arguments: [
            ([0xFF, 0xD8, 0xFF, 0xE0], "a JPEG picture"), ([0x1F, 0x8B, 8], "a file packed by gzip"),
            ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "an HDF5 file"),
            ([0x42, 0x5A, 0x68, 0x39], "a file packed by bzip2"),
        ] as [([UInt8], String)])
    func `a file of another kind is named, whatever its ending`(mark: [UInt8], kind: String) throws {
        let path = Fixtures.temporaryPath("movie.mrc")
        try Data(mark + [UInt8](repeating: 7, count: 2000)).write(to: URL(fileURLWithPath: path))
        #expect(throws: ImagingError.otherKind(file: path, kind: kind)) { try MovieFile.open(path: path) }
    }

    @Test(arguments: [false, true])
    func `a SPIDER image is named in either byte order`(isBigEndian: Bool) throws {
        var words = [Float](repeating: 0, count: 512)
        (words[0], words[1], words[4], words[11], words[12], words[21], words[22]) = (1, 128, 1, 128, 2, 1024, 512)
        let bytes = words.flatMap { word in
            withUnsafeBytes(of: isBigEndian ? word.bitPattern.bigEndian : word.bitPattern.littleEndian) { Array($0) }
        }
        #expect(PixelFileKind(firstBytes: Array(bytes.prefix(1024))) == .other("a SPIDER image"))
    }

    @Test func `an empty file is called empty, and one that is still short is not taken for another kind`() throws {
        let path = Fixtures.temporaryPath("movie.tif")
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(throws: ImagingError.cannotRead(file: path, reason: "it is empty")) { try MovieFile.open(path: path) }
        #expect(PixelFileKind(firstBytes: [1, 0, 0]) == .mrc)
    }

    @Test(arguments: [(Float(255), Float(200)), (127, -56)])
    func `bytes are counts from 0 to 255 where the header's greatest value is no signed byte's`(greatest: Float, pixel: Float)
        throws
    {
        let path = Fixtures.temporaryPath("bytes.mrc")
        try MRCFile.write(Image(width: 1, height: 1, pixels: [-56]), to: path, mode: .int8)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for (at, value) in [(76, Float(0)), (80, greatest)] {
            bytes.replaceSubrange(at..<at + 4, with: withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) })
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(try MRCFile(path: path).frame(0).pixels == [pixel])
    }

    @Test func `four-bit pixels in bytes of mode 0 are unpacked, as IMOD's flag says`() throws {
        let path = Fixtures.temporaryPath("packed.mrc")
        // Three bytes a row in the header are six pixels.
        let stored = Image(width: 3, height: 2, pixels: [0x21, 0x43, 0x65, 0x10, 0x32, 0x54])
        try MRCFile.write(
            stored, to: path, mode: .int8, pixelSize: 0.5, labels: ["SerialEMCCD: Dose frac. image, 4 bits packed  r/f 5"])
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes.replaceSubrange(152..<160, with: Array("IMOD".utf8) + [16, 0, 0, 0])
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let file = try MRCFile(path: path)
        #expect(file.width == 6 && file.header.rotationAndFlip == 5)
        #expect(abs((file.pixelSize ?? 0) - 0.5) < 1e-6)
        #expect(try file.frame(0).pixels == [1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5])
    }
}
