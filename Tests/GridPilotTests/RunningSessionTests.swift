import Engine
import Foundation
import RunModel
import Testing

@testable import gridpilot

/// Whether a check would push somebody out, as far as the lock files of a data directory tell.
@Suite struct RunningSessionTests {
    private let folder: Folder
    private var data: DataDirectory { DataDirectory(folder.path) }

    init() throws {
        folder = try Folder()
        try FileManager.default.createDirectory(atPath: "\(folder.path)/locks", withIntermediateDirectories: true)
    }

    private func problem(in data: DataDirectory, on microscope: MicroscopeID? = "scope-1") async -> CommandProblem? {
        do throws(CommandProblem) { try await RunningSession.refuse(in: data, on: microscope) } catch { return error }
        return nil
    }

    private func lock(start: Int64) throws {
        let this = LocalProcesses().this
        let holder = LockHolder(
            session: "s1", sessionName: "night", group: "demo", person: "ada", host: this.host, pid: this.pid,
            bootID: this.bootID, processStart: start, startedAt: SystemTime.now(), epoch: 1)
        try folder.write(String(decoding: JSONEncoder().encode(holder), as: UTF8.self), to: "locks/scope-1.lock")
    }

    @Test func `a session that runs is named, and one whose process has gone keeps nobody out`() async throws {
        #expect(await problem(in: data) == nil)
        try lock(start: LocalProcesses().this.start)
        let problem = await problem(in: data)
        #expect(problem?.sentence == "ada is running session s1 on scope-1; the check would push it out.")
        #expect(problem?.remedy?.contains("--force") == true)
        try lock(start: LocalProcesses().this.start + 1)
        #expect(await self.problem(in: data) == nil)
    }

    @Test func `a session on another microscope counts only where nobody knows which one is checked`() async throws {
        try lock(start: LocalProcesses().this.start)
        #expect(await problem(in: data, on: "scope-2") == nil)
        let problem = await problem(in: data, on: nil)
        #expect(
            problem?.sentence
                == "ada is running session s1 on scope-1, which may be the microscope at this address; the check would push it out."
        )
        #expect(problem?.remedy?.contains("--config") == true)
        try folder.write("{\"session\":", to: "locks/scope-1.lock")
        #expect(await self.problem(in: data, on: "scope-2") == nil)
        #expect(await self.problem(in: data, on: nil) != nil)
    }

    @Test func `a lock file that names nobody may be anybody's`() async throws {
        try folder.write("{\"session\":", to: "locks/scope-1.lock")
        let problem = await problem(in: data)
        #expect(problem?.sentence == "The lock file \(data.locks)/scope-1.lock cannot be read: a session may be running.")
        #expect(problem?.remedy?.contains("--force") == true)
    }

    @Test func `locks that cannot be looked at are not taken for none`() async throws {
        // A folder whose disk is not mounted, or the name of another one.
        let missing = await problem(in: DataDirectory("\(folder.path)/elsewhere"))
        #expect(
            missing?.sentence == "The lock files in \(folder.path)/elsewhere/locks cannot be read: no such file or directory.")
        // A file in its place: rights alone do not keep the superuser out.
        try FileManager.default.removeItem(atPath: data.locks)
        try folder.write("", to: "locks")
        #expect(await problem(in: data)?.sentence == "The lock files in \(data.locks) cannot be read: not a directory.")
        #expect(await problem(in: data)?.remedy?.contains("--force") == true)
    }
}
