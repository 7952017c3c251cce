import Foundation
import Testing

@testable import Imaging

@Suite struct MRCExtendedHeaderTests {
    @Test(arguments: [true, false])
    func `SerialEM's numbers are read section by section`(isNamed: Bool) throws {
        // Tilt, piece, stage, magnification, intensity and dose: 20 bytes.
        let first: [Int] = [-4550, 0, 900, 1, -250, 1000, 225, 12500, 20, 0]
        let second: [Int] = [4550, 40000, 900, 2, 25, 1000, 225, 12500, 25600 / 256, -(256 * 3) - 128]
        let file = try Self.file(kind: isNamed ? "SERI" : "", shorts: first + second, each: 20, flags: 63)
        let sections = file.extended
        #expect(sections.count == 2)
        #expect(sections[0].tilt == -45.5 && sections[1].tilt == 45.5)
        #expect(sections[1].piece! == (40000, 900, 2))
        #expect(sections[0].stage! == (-10, 40))
        #expect(sections[0].magnification == 22_500 && sections[0].intensity == 0.5)
        // 20·256 and (100·256 + 128)·2⁻³.
        #expect(sections[0].dose == 5120 && sections[1].dose == 3216)
        #expect(try file.frame(1).pixels == [5, 6, 7, 8])
    }

    @Test func `Thermo Fisher's numbers are read where the mask says so`() throws {
        var bytes = [UInt8](repeating: 0, count: 768)
        Self.put(&bytes, 0, UInt32(768))
        Self.put(&bytes, 8, UInt32(1 << 7 | 1 << 14 | 1 << 22 | 1 << 6 | 1 << 5))
        Self.put(&bytes, 84, (200_000.0).bitPattern)
        Self.put(&bytes, 92, (40e20).bitPattern)
        Self.put(&bytes, 100, (12.5).bitPattern)
        Self.put(&bytes, 116, (1e-6).bitPattern)
        Self.put(&bytes, 156, (1.06e-10).bitPattern)
        Self.put(&bytes, 220, (-1.5e-6).bitPattern)
        let file = try Self.file(kind: "FEI1", extended: bytes + bytes, each: 0, flags: 0)
        let section = try #require(file.extended.first)
        #expect(file.extended.count == 2)
        #expect(section.tilt == 12.5 && section.stage == nil && section.voltage == 200)
        #expect(abs(section.dose! - 40) < 1e-9 && abs(section.defocus! - 15_000) < 1e-6)
        #expect(abs(file.pixelSize! - 1.06) < 1e-9)
    }

    @Test func `a header that is too short for what it promises gives what it has`() throws {
        let file = try Self.file(kind: "SERI", shorts: [100], each: 2, flags: 1)
        #expect(file.extended == [MRCSection(tilt: 1)])
        #expect(try Self.file(kind: "FEI1", extended: [1, 2, 3], each: 0, flags: 0).extended.isEmpty)
        #expect(try Self.file(kind: "SERI", extended: [1, 2, 3], each: -5, flags: 77).extended.isEmpty)
    }

    private static func file(kind: String, shorts: [Int], each: Int, flags: Int) throws -> MRCFile {
        try file(
            kind: kind, extended: shorts.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] },
            each: each,
            flags: flags)
    }

    private static func file(kind: String, extended: [UInt8], each: Int, flags: Int) throws -> MRCFile {
        let path = Fixtures.temporaryPath("extended.mrc")
        let frames = [[1, 2, 3, 4], [5, 6, 7, 8]].map { Image(width: 2, height: 2, pixels: $0.map(Float.init)) }
        try MRCFile.write(frames, to: path)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        put(&bytes, 92, UInt32(extended.count))
        bytes.replaceSubrange(104..<108, with: kind.isEmpty ? [0, 0, 0, 0] : Array(kind.utf8))
        put(&bytes, 128, UInt16(truncatingIfNeeded: each))
        put(&bytes, 130, UInt16(truncatingIfNeeded: flags))
        bytes.insert(contentsOf: extended, at: 1024)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try MRCFile(path: path)
    }

    private static func put(_ bytes: inout [UInt8], _ offset: Int, _ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(offset..<offset + $0.count, with: $0) }
    }
}
