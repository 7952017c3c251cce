import Foundation
import Testing

@testable import Blocking

@Suite final class FilesMovingTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    private static let otherDisk = "/dev/shm"

    init() throws { try Files.makeDirectories(folder) }
    deinit { Files.removeTree(folder) }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    @Test func `a copy is whole, and one that fails leaves nothing`() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        try Files.write(bytes, to: path("a"))
        try Files.copy(path("a"), to: path("b"))
        #expect(try Files.read(path("b")) == bytes)
        #expect(throws: Errno.noSuchFileOrDirectory) { try Files.copy(path("missing"), to: path("c")) }
        #expect(try Files.names(in: folder) == ["a", "b"])
    }

    @Test func `what is carried to another disk is whole there, and gone here`() throws {
        try Files.write("movie", to: path("a"))
        try Files.carry(path("a"), to: path("b"))
        #expect(try Files.text(path("b")) == "movie")
        #expect(try Files.names(in: folder) == ["b"])
    }

    @Test(arguments: ["and more", ""])
    func `a file that somebody writes to while it is carried stays where it is, whole`(_ more: String) throws {
        try Files.write("movie", to: path("a"))
        #expect(throws: Errno.resourceBusy) {
            try Files.carry(path("a"), to: path("b")) { () throws(Errno) in
                // Written anew in as many bytes, or longer.
                try Files.write("MOVIE" + more, to: self.path("a"))
            }
        }
        #expect(try Files.text(path("a")) == "MOVIE" + more)
        #expect(try Files.names(in: folder) == ["a"])
    }

    @Test func `a copy that lost bytes on its way does not cost the original`() throws {
        try Files.write("movie", to: path("a"))
        #expect(throws: Errno.resourceBusy) {
            try Files.carry(path("a"), to: path("b")) { () throws(Errno) in truncate(self.path("b.part"), 2) }
        }
        #expect(try Files.text(path("a")) == "movie")
    }

    @Test func `two do not copy to one place at once, and what one left behind is written anew`() throws {
        try Files.write("movie", to: path("a"))
        try Files.write("the other's, longer than it", to: path("b.part"))
        try Files.opened(path("b.part"), .readOnly) { other in
            #expect(flock(other.rawValue, LOCK_EX) == 0)
            #expect(throws: Errno.resourceBusy) { try Files.copy(path("a"), to: path("b")) }
        }
        #expect(try Files.text(path("b.part")) == "the other's, longer than it")
        try Files.copy(path("a"), to: path("b"))
        #expect(try Files.text(path("b")) == "movie")
        #expect(try Files.names(in: folder) == ["a", "b"])
    }

    @Test(.enabled(if: FileManager.default.isWritableFile(atPath: otherDisk), "there is no other disk"))
    func `a move goes from one disk to another`() throws {
        let away = Self.otherDisk + "/" + UUID().uuidString
        defer { unlink(away) }
        try Files.write("movie", to: path("a"))
        try Files.move(path("a"), to: away)
        #expect(try Files.text(away) == "movie" && Files.names(in: folder) == [])
        try Files.move(away, to: path("b"))
        #expect(try Files.text(path("b")) == "movie" && !Files.exists(away))
    }
}
