import Foundation
import Imaging
import Testing

@Suite struct MRCStackTests {
    private let folder: URL
    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("mrcstack-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func image(_ value: Float) -> Image {
        Image(width: 6, height: 4, pixels: (0..<24).map { Float($0) + value })
    }

    @Test func `the file is whole after every section`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }  // A folder of its own, left behind at worst.
        let path = folder.appendingPathComponent("a.mrc").path
        var stack = MRCStack(path: path, width: 6, height: 4, pixelSize: 2.5)
        #expect(!FileManager.default.fileExists(atPath: path))
        for section in 0..<3 {
            try stack.append(image(Float(100 * section)))
            let read = try MRCFile(path: path)
            #expect(read.frameCount == section + 1)
            #expect(try read.frame(section) == image(Float(100 * section)))
            #expect(!read.header.isVolume && read.pixelSize == 2.5)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.mrc"])
    }

    @Test func `a stack is none of one cell and no volume either, as SerialEM has it`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }  // A folder of its own, left behind at worst.
        let path = folder.appendingPathComponent("a.mrc").path
        var stack = MRCStack(path: path, width: 6, height: 4, pixelSize: 2)
        for section in 0..<3 { try stack.append(image(Float(section))) }
        let words = [UInt8](try Data(contentsOf: URL(filePath: path)))
        func integer(_ word: Int) -> Int { (0..<4).reduce(0) { $0 | Int(words[(word - 1) * 4 + $1]) << (8 * $1) } }
        #expect((8...10).map(integer) == [6, 4, 3])
        #expect(integer(23) == 0)
    }

    @Test func `a stack that is there is gone on with`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }  // A folder of its own, left behind at worst.
        let path = folder.appendingPathComponent("a.mrc").path
        var stack = MRCStack(path: path, width: 6, height: 4, pixelSize: 2)
        try stack.append(image(1))
        var again = try MRCStack(opening: path)
        try again.append(image(9))
        let read = try MRCFile(path: path)
        #expect(read.frameCount == 2 && read.pixelSize == 2)
        #expect(try read.frame(0) == image(1) && read.frame(1) == image(9))
        #expect(read.header.statistics?.minimum == image(1).statistics.minimum)
    }

    @Test func `a section of another size is refused and nothing changes`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }  // A folder of its own, left behind at worst.
        let path = folder.appendingPathComponent("a.mrc").path
        var stack = MRCStack(path: path, width: 6, height: 4)
        try stack.append(image(1))
        #expect(throws: ImagingError.self) { try stack.append(Image(width: 4, height: 4)) }
        #expect(stack.header.sections == 1)
        #expect(try MRCFile(path: path).frameCount == 1)
    }

    @Test func `a stack in a folder that is missing leaves nothing`() {
        var stack = MRCStack(path: folder.path + "/none/a.mrc", width: 6, height: 4)
        #expect(throws: ImagingError.self) { try stack.append(image(1)) }
        #expect(stack.header.sections == 0)
    }

    @Test func `a quarter turn brings what lay right to the bottom`() {
        let turned = Image(width: 3, height: 2, pixels: [1, 2, 3, 4, 5, 6]).quarterTurned()
        #expect(turned == Image(width: 2, height: 3, pixels: [3, 6, 2, 5, 1, 4]))
    }
}
