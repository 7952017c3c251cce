import Foundation
import Testing

@testable import Imaging

@Suite struct DMFileTests {
    private static let image = Image(width: 5, height: 3, pixels: (0..<15).map { Float($0) + 0.5 })

    @Test(arguments: [3, 4], [true, false])
    func `the large image of a file is read, its top row first`(version: Int, isLittle: Bool) throws {
        let path = Fixtures.temporaryPath("gain.dm4")
        try Data(Writer(version: version, isLittle: isLittle).file(Self.image)).write(to: URL(fileURLWithPath: path))
        #expect(try DMFile.image(path: path) == Self.image)
        #expect(try MovieFile.open(path: path).frame(0) == Self.image)
    }

    @Test func `a file that is cut off or of tags without end is refused`() throws {
        let whole = Writer(version: 4, isLittle: true).file(Self.image)
        for count in [24, 30, 60, whole.count - 30] {
            let path = Fixtures.temporaryPath("short.dm4")
            try Data(whole.prefix(count)).write(to: URL(fileURLWithPath: path))
            #expect(throws: ImagingError.self) { try DMFile.image(path: path) }
        }
        var deep = Array(whole.prefix(26))
        for _ in 0..<50 { deep += [20, 0, 0] + [UInt8](repeating: 0, count: 8) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }
        let path = Fixtures.temporaryPath("deep.dm4")
        try Data(deep).write(to: URL(fileURLWithPath: path))
        #expect(throws: ImagingError.self) { try DMFile.image(path: path) }
    }

    @Test func `of a stack the first image is read, and nothing of it before it is wanted`() throws {
        let path = Fixtures.temporaryPath("stack.dm4")
        let two = Image(width: 5, height: 6, pixels: (0..<30).map { Float($0) })
        // The top half of two images above one another comes first.
        try Data(Writer(version: 4, isLittle: true).file(two, sides: [5, 3])).write(to: URL(fileURLWithPath: path))
        let movie = try MovieFile.open(path: path)
        #expect(movie.width == 5 && movie.height == 3)
        #expect(try movie.frame(0).pixels == Array(two.pixels[15...]))
        truncate(path, 200)
        #expect(throws: ImagingError.self) { try movie.frame(0) }
    }

    @Test func `an image larger than any camera's is none`() throws {
        let path = Fixtures.temporaryPath("long.dm4")
        let long = Image(width: 20_001, height: 1, filledWith: 1)
        try Data(Writer(version: 4, isLittle: true).file(long)).write(to: URL(fileURLWithPath: path))
        // What is left is the thumbnail.
        #expect(try DMFile.image(path: path).width == 2)
    }

    @Test(arguments: [
        (Array(repeating: 20, count: 6) + [6] + Array(repeating: 1, count: 6), "a tag of it is of no known type"),
        (Array(repeating: 20, count: 4000), "a tag of it is of no known type"),
        (Array(repeating: 20, count: 60_000), "a tag of it has 60000 numbers of description"),
    ])
    func `arrays of arrays without end are refused`(info: [Int], detail: String) throws {
        let path = Fixtures.temporaryPath("arrays.dm4")
        try Data(Writer(version: 4, isLittle: true).file(describedBy: info)).write(to: URL(fileURLWithPath: path))
        #expect(throws: ImagingError.notADM(file: path, detail: detail)) { try DMFile.image(path: path) }
    }

    /// Numbers that describe stand with their greatest byte first, those of the data as the header says.
    private struct Writer {
        let version: Int
        let isLittle: Bool

        func file(_ image: Image, sides: [Int]? = nil) -> [UInt8] {
            let rows = (0..<image.height).reversed().flatMap { y in image.pixels[y * image.width..<(y + 1) * image.width] }
            let list = group([
                ("", 20, picture(type: 6, sides: [2, 2], data: [9, 9, 9, 9], code: 10)),
                (
                    "", 20,
                    picture(
                        type: 2, sides: sides ?? [image.width, image.height], data: rows.flatMap { value($0.bitPattern) }, code: 6
                    )
                ),
            ])
            let root = group([("Name", 21, text("a gain")), ("ImageList", 20, list)])
            let head = big(version, 4) + big(root.count, version == 3 ? 4 : 8) + big(isLittle ? 1 : 0, 4)
            return head + root + [UInt8](repeating: 0, count: 8)
        }

        /// One tag alone, of four bytes.
        func file(describedBy info: [Int]) -> [UInt8] {
            let root = group([("Deep", 21, described(info, [0, 0, 0, 0]))])
            return big(version, 4) + big(root.count, version == 3 ? 4 : 8) + big(isLittle ? 1 : 0, 4) + root
                + [UInt8](repeating: 0, count: 8)
        }

        private func picture(type: Int, sides: [Int], data: [UInt8], code: Int) -> [UInt8] {
            let count = data.count / (code == 6 ? 4 : 1)
            return group([
                (
                    "ImageData", 20,
                    group([
                        ("Data", 21, described([20, code, count], data)), ("DataType", 21, number(type)),
                        ("Dimensions", 20, group(sides.map { ("", 21, number($0)) })),
                    ])
                )
            ])
        }

        private var word: Int { version == 3 ? 4 : 8 }
        private func big(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
        }
        private func value(_ bits: UInt32) -> [UInt8] {
            withUnsafeBytes(of: isLittle ? bits.littleEndian : bits.bigEndian) { Array($0) }
        }
        private func number(_ value: Int) -> [UInt8] { described([5], self.value(UInt32(value))) }
        private func text(_ words: String) -> [UInt8] { described([18, words.utf8.count], words.utf8.flatMap { [$0, 0] }) }
        private func described(_ info: [Int], _ data: [UInt8]) -> [UInt8] {
            Array("%%%%".utf8) + big(info.count, word) + info.flatMap { big($0, word) } + data
        }
        private func group(_ tags: [(String, Int, [UInt8])]) -> [UInt8] {
            [1, 0] + big(tags.count, word)
                + tags.flatMap { name, kind, body in
                    [UInt8(kind)] + big(name.utf8.count, 2) + Array(name.utf8) + (version == 4 ? big(body.count, 8) : []) + body
                }
        }
    }
}
