import Blocking
import Foundation
import RunModel
import TestSupport
import Testing

@testable import Engine

@Suite struct LocalLockFilesTests {
    let folder: TemporaryFolder
    let locks: LocalLockFiles
    private static let holder = LockHolder(
        session: "s1", sessionName: "first", group: "g", person: "p", host: "h", pid: 7, bootID: "b", processStart: 9,
        startedAt: Timestamp(milliseconds: 1_700_000_000_000), epoch: 3)

    init() throws {
        folder = try TemporaryFolder()
        // As long as a test may take, on a machine that has other work.
        locks = LocalLockFiles(directory: folder.path(of: "locks"), disks: DiskLanes(), deadline: .seconds(60))
    }

    @Test func `of fifty who make a lock file at once one succeeds, and its file is whole`() async throws {
        let made = try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 1...50 {
                group.addTask { [locks] in
                    var holder = Self.holder
                    holder.epoch = number
                    return try await locks.create(holder, for: "scope") ? number : nil
                }
            }
            return try await group.reduce(into: [Int]()) { made, number in if let number { made.append(number) } }
        }
        #expect(made.count == 1)
        var winner = Self.holder
        winner.epoch = made.first ?? 0
        #expect(await locks.read("scope") == .holder(winner))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path(of: "locks")) == ["scope.lock"])
    }

    @Test func `what names no holder is told apart from no file`() async throws {
        #expect(await locks.read("scope") == nil)
        _ = try await locks.create(Self.holder, for: "scope")
        try "half of it".write(toFile: folder.path(of: "locks/scope.lock"), atomically: false, encoding: .utf8)
        #expect(await locks.read("scope") == .unreadable)
    }

    @Test(arguments: [#"{"session":"s","host":"other","v":2}"#, #"{"host":"other"}"#])
    func `a holder in another form keeps everybody out until staff move it aside`(text: String) async throws {
        let path = folder.path(of: "locks/scope.lock")
        _ = try await locks.create(Self.holder, for: "scope")
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(
            await locks.read("scope") == .unknownForm(path: path))
        try await locks.setAside("scope")
        #expect(try await locks.create(Self.holder, for: "scope"))
    }

    @Test func `a place that cannot be looked at is not one that names nobody`() async throws {
        try "no folder".write(toFile: folder.path(of: "locks"), atomically: false, encoding: .utf8)
        let content = await locks.read("scope")
        guard case .silent? = content else {
            Issue.record("It reads as \(String(describing: content))")
            return
        }
        await #expect(throws: RunFileError.self) { try await locks.remove(Self.holder, of: "scope") }
    }

    // The system lets its administrator read everything.
    @Test(.enabled(if: geteuid() != 0)) func `a file that may not be read is told apart, and moved aside`() async throws {
        _ = try await locks.create(Self.holder, for: "scope")
        #expect(await locks.read("scope") == .holder(Self.holder))
        let path = folder.path(of: "locks/scope.lock")
        chmod(path, 0)
        let content = await locks.read("scope")
        guard case .closed(path, _)? = content else {
            Issue.record("It reads as \(String(describing: content))")
            return
        }
        await #expect(throws: RunFileError.self) { try await locks.remove("scope") }
        try await locks.setAside("scope")
        try await locks.remove("scope")
        #expect(try await locks.create(Self.holder, for: "scope"))
    }

    @Test(.timeLimit(.minutes(1))) func `whoever is cancelled waits for no disk, and leaves no file`() async throws {
        let (disks, gate) = (DiskLanes(width: 1), DispatchSemaphore(value: 0))
        let locks = LocalLockFiles(directory: folder.path(of: "locks"), disks: disks, deadline: .seconds(600))
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let hanging = Task { [path = folder.path(of: "locks")] in
            try await disks.run(at: path) {
                begin.yield()
                gate.wait()
            }
        }
        for await _ in begun { break }
        let calls: [@Sendable () async -> Bool] = [
            { (try? await locks.create(Self.holder, for: "scope")) == nil },
            { (try? await locks.remove("scope")) == nil },
            { if case .silent? = await locks.read("scope") { true } else { false } },
        ]
        for call in calls {
            let asking = Task { await call() }
            asking.cancel()
            #expect(await asking.value)
        }
        gate.signal()
        try await hanging.value
        #expect(await locks.read("scope") == nil)
    }

    @Test func `the next holder's file is not removed in place of the one that was meant`() async throws {
        _ = try await locks.create(Self.holder, for: "scope")
        var next = Self.holder
        next.epoch = 4
        let path = folder.path(of: "locks/scope.lock")
        try FileManager.default.removeItem(atPath: path)
        let other = LocalLockFiles(directory: folder.path(of: "locks"), disks: DiskLanes())
        #expect(try await other.create(next, for: "scope"))
        try await locks.remove("scope")
        #expect(await other.read("scope") == .holder(next))
    }

    @Test func `a removal that is past its deadline leaves the file alone when its disk comes back`() async throws {
        _ = try await locks.create(Self.holder, for: "scope")
        try LocalLockFiles.remove(
            folder.path(of: "locks/scope.lock"), meant: nil, in: folder.path(of: "locks"), { false })
        #expect(await locks.read("scope") == .holder(Self.holder))
    }

    @Test func `a file that could not be looked at in time is not taken for one that names nobody`() async throws {
        let disks = DiskLanes(width: 1)
        let locks = LocalLockFiles(directory: folder.path(of: "locks"), disks: disks, deadline: .milliseconds(50))
        let hold = DispatchSemaphore(value: 0)
        // The lane is asked in turn, so this call stands in front of the other from the moment at which it runs.
        let (begun, begin) = AsyncStream<Void>.makeStream()
        async let held: Void? = try? disks.run(at: folder.path(of: "locks")) {
            begin.yield()
            hold.wait()
        }
        for await _ in begun { break }
        guard case .silent = await locks.read("scope-1") else {
            Issue.record("a silent disk was read")
            hold.signal()
            return
        }
        hold.signal()
        _ = await held
    }

    @Test func `a file that is gone already is removed without complaint`() async throws {
        _ = try await locks.create(Self.holder, for: "scope")
        try await locks.remove("scope")
        try await locks.remove("scope")
        #expect(await locks.read("scope") == nil)
    }

    @Test func `a run's removal leaves whatever names another, whatever was read before`() async throws {
        _ = try await locks.create(Self.holder, for: "scope")
        try FileManager.default.removeItem(atPath: folder.path(of: "locks/scope.lock"))
        var next = Self.holder
        (next.host, next.epoch) = ("elsewhere", 4)
        let other = LocalLockFiles(directory: folder.path(of: "locks"), disks: DiskLanes())
        _ = try await other.create(next, for: "scope")
        #expect(await locks.read("scope") == .holder(next))
        try await locks.remove(Self.holder, of: "scope")
        #expect(await locks.read("scope") == .holder(next))
        try await locks.remove(next, of: "scope")
        #expect(await locks.read("scope") == nil)
    }

    @Test(arguments: ["folder", "pipe", "link"]) func `what is no file is told apart, never removed, and moved aside`(
        _ kind: String
    ) async throws {
        let path = folder.path(of: "locks/scope.lock")
        try FileManager.default.createDirectory(atPath: folder.path(of: "locks"), withIntermediateDirectories: true)
        for number in 1...2 {
            switch kind {
            case "folder": try FileManager.default.createDirectory(atPath: path + "/inside", withIntermediateDirectories: true)
            case "pipe": #expect(mkfifo(path, 0o600) == 0)
            default: #expect(symlink("/dev/null", path) == 0)
            }
            #expect(await locks.read("scope") == .noFile(path: path))
            #expect(try await !locks.create(Self.holder, for: "scope"))
            try await locks.setAside("scope")
            #expect(await locks.read("scope") == nil)
            var facts = stat()
            #expect(lstat("\(path).aside-\(number)", &facts) == 0)
        }
    }
}
