import Foundation
import Store
import Testing

@testable import gridpilot

@Suite struct ServerLockTests {
    @Test func `a second server is refused and told which process is the first`() throws {
        let folder = try Folder()
        let first = try ServerLock(directory: folder.path)
        let problem = #expect(throws: CommandProblem.self) { try ServerLock(directory: folder.path) }
        #expect(problem?.sentence == "Another GridPilot server uses \(folder.path) (process \(getpid())).")
        #expect(problem?.remedy == "Stop that one first, or name another directory with --data.")
        first.release()
    }

    @Test func `a lock that was released can be taken, and its file stays`() throws {
        let folder = try Folder()
        try ServerLock(directory: folder.path).release()
        #expect(FileManager.default.fileExists(atPath: "\(folder.path)/server.lock"))
        try ServerLock(directory: folder.path).release()
    }

    @Test func `a file that a crash left behind keeps nobody out`() throws {
        let folder = try Folder()
        try folder.write("4711\n", to: "server.lock")
        let lock = try ServerLock(directory: folder.path)
        #expect(try String(contentsOfFile: "\(folder.path)/server.lock", encoding: .utf8) == "\(getpid())\n")
        lock.release()
    }

    @Test(arguments: ["symbolic", "hard", "pipe"]) func `what stands in the lock's place is not written to`(kind: String) throws {
        let folder = try Folder()
        let (other, path) = (try folder.write("another's", to: "other"), "\(folder.path)/server.lock")
        switch kind {
        case "symbolic": try #require(symlink(other, path) == 0)
        case "hard": try #require(link(other, path) == 0)
        default: try #require(mkfifo(path, 0o600) == 0)
        }
        let problem = #expect(throws: CommandProblem.self) { try ServerLock(directory: folder.path) }
        #expect(problem?.sentence == "\(path) is not a file of its own, so nothing is written to it.")
        #expect(try String(contentsOfFile: other, encoding: .utf8) == "another's")
    }

    @Test func `a second server is refused also when somebody has removed the lock's file`() throws {
        let folder = try Folder()
        try DataDirectory(folder.path).prepare()
        let first = try ServerLock(directory: folder.path)
        for _ in 1...2 {
            #expect(unlink("\(folder.path)/server.lock") == 0)
            let problem = #expect(throws: CommandProblem.self) { try ServerLock(directory: folder.path) }
            #expect(problem?.sentence == "Another GridPilot server uses \(folder.path).")
        }
        first.release()
        try ServerLock(directory: folder.path).release()
    }

    @Test func `a store has one server, whatever was removed beside it`() throws {
        let folder = try Folder()
        let directory = DataDirectory(folder.path)
        try directory.prepare()
        let store = try directory.openStore()
        var first = StoreHold(of: directory.database)
        #expect(first != nil && StoreHold(of: directory.database) == nil)
        // Commands open it all the same.
        try directory.openStore().close()
        first = nil
        #expect(StoreHold(of: directory.database) != nil)
        try store.close()
    }

    @Test(.timeLimit(.minutes(1))) func `a server begins a new store in the directory that it has locked`() throws {
        let folder = try Folder()
        let directory = DataDirectory(folder.path)
        try directory.prepare()
        let lock = try ServerLock(directory: folder.path)
        try directory.openStore().close()
        lock.release()
    }

    @Test func `two directories may share a folder of lock files`() throws {
        let folder = try Folder()
        let (first, second) = ("\(folder.path)/first", "\(folder.path)/second")
        for path in [first, second] { try DataDirectory(path).prepare() }
        try #require(rmdir("\(second)/locks") == 0 && symlink("\(first)/locks", "\(second)/locks") == 0)
        let locks = try [first, second].map { try ServerLock(directory: $0) }
        withExtendedLifetime(locks) {}
    }

    @Test func `a directory that is not there is named`() {
        let problem = #expect(throws: CommandProblem.self) { try ServerLock(directory: "/nowhere") }
        #expect(problem?.sentence == "The file /nowhere/server.lock cannot be opened: no such file or directory.")
        #expect(problem?.remedy == "Check that the data directory may be written to.")
    }
}
