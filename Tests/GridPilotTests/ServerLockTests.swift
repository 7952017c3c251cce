import Foundation
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

    @Test func `a directory that is not there is named`() {
        let problem = #expect(throws: CommandProblem.self) { try ServerLock(directory: "/nowhere") }
        #expect(problem?.sentence == "The file /nowhere/server.lock cannot be opened: no such file or directory.")
        #expect(problem?.remedy == "Check that the data directory may be written to.")
    }
}
