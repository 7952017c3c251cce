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

    // In place, as cameras' programs write: the file's number stays. Its time goes on from one that no clock's step can meet.
    private func write(_ text: String, into name: String) throws(Errno) {
        try Files.opened(path(name), .writeOnly) { file in _ = try file.writeAll(toAbsoluteOffset: 0, text.utf8) }
    }

    private func makeOld(_ name: String) {
        var times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, path(name), &times, 0) == 0)
    }

    @Test(arguments: ["and more", ""], [true, false])
    func `a file that somebody writes to while it is carried stays where it is, whole`(_ more: String, isLate: Bool) throws {
        try Files.write("movie", to: path("a"))
        makeOld("a")
        // Written anew in as many bytes, or longer.
        let written = { () throws(Errno) in try self.write("MOVIE" + more, into: "a") }
        let nothing = { () throws(Errno) in }
        #expect(throws: Errno.resourceBusy) {
            try Files.carry(path("a"), to: path("b"), meanwhile: isLate ? nothing : written, lastly: isLate ? written : nothing)
        }
        #expect(try Files.text(path("a")) == "MOVIE" + more)
        #expect(try Files.names(in: folder) == ["a"])
    }

    @Test func `a source that has gone once it was copied costs nothing`() throws {
        try Files.write("movie", to: path("a"))
        try Files.carry(path("a"), to: path("b"), lastly: { () throws(Errno) in unlink(self.path("a")) })
        #expect(try Files.text(path("b")) == "movie" && Files.names(in: folder) == ["b"])
    }

    // Root may remove whatever it wants to.
    @Test(.enabled(if: geteuid() != 0, "run by root")) func `a source that may not be removed stays, beside a whole copy`() throws
    {
        try Files.makeDirectories(path("camera"))
        try Files.write("movie", to: path("camera/a"))
        #expect(chmod(path("camera"), 0o555) == 0)
        defer { chmod(path("camera"), 0o755) }
        try Files.carry(path("camera/a"), to: path("b"))
        #expect(try Files.text(path("b")) == "movie" && Files.text(path("camera/a")) == "movie")
    }

    @Test func `where a copy was made and its source not yet removed, the next try ends well`() throws {
        try Files.write("movie", to: path("a"))
        // As the program was killed just before the removal.
        #expect(throws: Errno.interrupted) {
            try Files.carry(path("a"), to: path("b"), lastly: { () throws(Errno) in throw .interrupted })
        }
        #expect(try Files.names(in: folder) == ["a", "b"])
        try Files.carry(path("a"), to: path("b"))
        #expect(try Files.text(path("b")) == "movie" && Files.names(in: folder) == ["b"])
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
