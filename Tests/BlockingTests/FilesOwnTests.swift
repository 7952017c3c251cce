import Foundation
import Testing

@testable import Blocking

/// What somebody else may have put where a file of the program's own belongs.
@Suite(.timeLimit(.minutes(1))) final class FilesOwnTests {
    enum Stranger: CaseIterable { case link, danglingLink, secondName, pipe, socket, folder }

    private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path

    init() throws {
        try Files.makeDirectories(folder)
        // By other means than those that are tested.
        try #require(FileManager.default.createFile(atPath: path("other"), contents: Data("another's".utf8)))
    }
    deinit { Files.removeTree(folder) }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }
    private var other: String { String(decoding: FileManager.default.contents(atPath: path("other")) ?? Data(), as: UTF8.self) }

    private func put(_ stranger: Stranger, at name: String) throws {
        switch stranger {
        case .link: try #require(symlink(path("other"), path(name)) == 0)
        case .danglingLink: try #require(symlink(path("new"), path(name)) == 0)
        case .secondName: try #require(link(path("other"), path(name)) == 0)
        case .pipe: try #require(mkfifo(path(name), 0o600) == 0)
        case .socket: try #require(mknod(path(name), S_IFSOCK | 0o600, 0) == 0)
        case .folder: try #require(mkdir(path(name), 0o700) == 0)
        }
    }

    @Test(arguments: Stranger.allCases) func `a copy writes nothing to what stands in its draft's place`(stranger: Stranger)
        throws
    {
        try Files.append("movie", to: path("a"))
        try put(stranger, at: "b.part")
        let problem = #expect(throws: Errno.self) { try Files.copy(path("a"), to: path("b")) }
        #expect(problem?.isOfForeignFile == true)
        #expect(other == "another's")
        #expect(try Files.names(in: folder) == ["a", "b.part", "other"])
    }

    @Test(arguments: Stranger.allCases) func `a file is written beside what stands in its draft's place`(stranger: Stranger)
        throws
    {
        try put(stranger, at: "a.\(getpid()).new")
        // A folder stays where it is, and nothing is written.
        guard stranger != .folder else {
            #expect(throws: Errno.fileExists) { try Files.write("mine", to: path("a")) }
            return
        }
        try Files.write("mine", to: path("a"))
        #expect(other == "another's")
        #expect(Files.status(path("a"), followsLinks: false)?.type == .regular)
        #expect(try Files.text(path("a")) == "mine" && Files.names(in: folder) == ["a", "other"])
    }

    @Test(arguments: Stranger.allCases) func `no line goes to what stands in a log's place`(stranger: Stranger) throws {
        try put(stranger, at: "run.out")
        let problem = #expect(throws: Errno.self) { try Files.append("line", to: path("run.out")) }
        #expect(problem?.isOfForeignFile == true)
        #expect(other == "another's")
        #expect(try !Files.isThere(path("new")))
    }

    // A device without an end would fill the disk; this one has none of that.
    @Test(arguments: ["pipe", "device"]) func `what is no file is not copied for one`(kind: String) throws {
        if kind == "pipe" { try put(.pipe, at: "a") } else { try #require(symlink("/dev/null", path("a")) == 0) }
        #expect(throws: Errno.invalidArgument) { try Files.copy(path("a"), to: path("b")) }
        #expect(try Files.names(in: folder) == ["a", "other"])
    }

    @Test func `a file of one's own is opened, and made where there is none`() throws {
        for _ in 1...2 { try Files.openedOwn(path("mine"), .writeOnly, [.append, .create]) { _ = try $0.writeAll("x".utf8) } }
        #expect(try Files.text(path("mine")) == "xx")
        #expect(throws: Errno.noSuchFileOrDirectory) { try Files.openedOwn(path("none"), .readWrite) { _ in } }
    }

    @Test func `a link is told from what is none, and from what is not there`() throws {
        try put(.danglingLink, at: "link")
        #expect(try Files.linkTarget(path("link")) == path("new"))
        #expect(try Files.linkTarget(path("other")) == nil)
        #expect(throws: Errno.noSuchFileOrDirectory) { try Files.linkTarget(path("new")) }
        #expect(throws: Errno.notDirectory) { try Files.linkTarget(path("other/x")) }
        #expect(Files.isTaken(path("link")) && !Files.exists(path("link")) && !Files.isTaken(path("new")))
    }
}
