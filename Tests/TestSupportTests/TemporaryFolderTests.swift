import Foundation
import TestSupport
import Testing

@Suite struct TemporaryFolderTests {
    @Test func `it is gone with its holder, and what is in it too`() throws {
        var folder: TemporaryFolder? = try TemporaryFolder()
        let path = try #require(folder?.path(of: "note.txt"))
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        #expect(FileManager.default.fileExists(atPath: path))
        let parent = try #require(folder?.path)
        folder = nil
        #expect(!FileManager.default.fileExists(atPath: parent))
    }

    @Test func `two are never the same`() throws {
        #expect(try TemporaryFolder().path != TemporaryFolder().path)
    }
}
