import Foundation
import Testing

@testable import Blocking

@Suite final class FilesTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path

    init() throws { try Files.makeDirectories(folder) }
    deinit { Files.removeTree(folder) }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    @Test func `a file is written whole, and nothing is left beside it`() throws {
        try Files.write("one", to: path("a"))
        try Files.write("two", to: path("a"))
        #expect(try Files.text(path("a")) == "two")
        #expect(try Files.names(in: folder) == ["a"])
    }

    @Test func `a folder whose disk knows of no order to keep its names is settled as well as it can be`() throws {
        // The kernel's own file system refuses such an order as some shares do.
        #expect(fsync(try FileDescriptor.open("/proc", .readOnly).rawValue) == -1)
        try Files.settle(folder: "/proc")
        #expect(throws: Errno.noSuchFileOrDirectory) { try Files.settle(folder: path("nowhere")) }
    }

    @Test func `what cannot be written leaves what was there`() throws {
        try Files.makeDirectories(path("a/inside"))
        #expect(throws: Errno.self) { try Files.write("one", to: path("a")) }
        #expect(try Files.names(in: folder) == ["a"])
    }

    @Test func `a file longer than its limit is not read`() throws {
        try Files.write("12345", to: path("a"))
        #expect(try Files.text(path("a"), limit: 5) == "12345")
        #expect(throws: Errno.fileTooLarge) { try Files.text(path("a"), limit: 4) }
        #expect(try Files.tail(path("a"), bytes: 2) == "45")
        #expect(try Files.tail(path("a"), bytes: 9) == "12345")
    }

    @Test func `a file that is missing is told from a folder that is`() throws {
        try Files.write("one", to: path("a"))
        #expect(try Files.isThere(path("a")))
        #expect(try !Files.isThere(path("b")))
        #expect(throws: Errno.noSuchFileOrDirectory) { try Files.isThere(path("b/c")) }
        #expect(throws: Errno.notDirectory) { try Files.isThere(path("a/b")) }
    }

    @Test func `lines are added to a file that is made for them`() throws {
        try Files.append("one\n", to: path("d"))
        try Files.append("two\n", to: path("d"))
        #expect(try Files.text(path("d")) == "one\ntwo\n")
    }

    @Test func `nothing is added through a link, or to a pipe, which would wait for a reader`() throws {
        try Files.append("mine", to: path("other"))
        try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: path("other"))
        try FileManager.default.createSymbolicLink(atPath: path("dangling"), withDestinationPath: path("new"))
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try Files.append("line", to: path("link")) }
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try Files.append("line", to: path("dangling")) }
        #expect(try Files.text(path("other")) == "mine")
        #expect(try !Files.isThere(path("new")))
        try #require(mkfifo(path("pipe"), 0o600) == 0)
        #expect(throws: Errno.noSuchAddressOrDevice) { try Files.append("line", to: path("pipe")) }
        // With somebody at its other end it opens.
        let reader = open(path("pipe"), O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        #expect(throws: Errno.invalidArgument) { try Files.append("line", to: path("pipe")) }
    }

    @Test func `a file in a folder's place is told`() throws {
        try Files.append("", to: path("a"))
        #expect(throws: Errno.fileExists) { try Files.makeDirectories(path("a")) }
        #expect(throws: Errno.notDirectory) { try Files.makeDirectories(path("a/b")) }
        #expect(Errno.notDirectory.words == "not a directory")
    }

    @Test func `a tree is removed, and what its links lead to is not`() throws {
        try Files.append("kept", to: path("kept"))
        try Files.makeDirectories(path("tree/inner"))
        try Files.append("x", to: path("tree/inner/file"))
        try FileManager.default.createSymbolicLink(atPath: path("tree/inner/link"), withDestinationPath: path("kept"))
        Files.removeTree(path("tree"))
        #expect(try Files.names(in: folder) == ["kept"])
    }
}

@Suite struct SystemMountsTests {
    @Test func `the kernel's list gives places with blanks in them, and their devices`() {
        let text = """
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            40 27 0:41 / /mnt/K3\\040frames rw - nfs4 store:/k3 rw
            nonsense
            """
        #expect(
            SystemMounts.parse(Array(text.utf8)) == [
                Mount(point: "/", device: "254:0"), Mount(point: "/mnt/K3 frames", device: "0:41"),
            ])
    }

    @Test func `the mount that is seen is the longest that holds a path, and of two at one place the later`() {
        let mounts = [
            Mount(point: "/", device: "1"), Mount(point: "/a/b", device: "2"), Mount(point: "/a", device: "3"),
            Mount(point: "/a/b", device: "4"),
        ]
        #expect(["/x", "/a", "/ab", "/a/bc", "/a/b/c"].map { mounts.mount(of: $0).device } == ["1", "3", "1", "3", "4"])
    }

    @Test func `this machine has a root, however often it is asked`() {
        let mounts = SystemMounts()
        for _ in 1...3 { #expect(mounts.mounts().contains { $0.point == "/" }) }
    }

    @Test(.enabled(if: getuid() == 0, "Mounting takes root."))
    func `a disk that is mounted or taken away is seen at the next question`() throws {
        let place = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appending(path: UUID().uuidString).path
        defer { Files.removeTree(place) }
        let mounts = SystemMounts()
        #expect(mounts.mounts().mount(of: "\(place)/file").point != place)
        try Files.makeDirectories(place)
        guard mount("none", place, "tmpfs", 0, nil) == 0 else { return }  // A container may forbid it to root, too.
        #expect(mounts.mounts().mount(of: "\(place)/file").point == place)
        #expect(umount2(place, 0) == 0)
        #expect(mounts.mounts().mount(of: "\(place)/file").point != place)
    }
}
