import Foundation
import Glibc
import TestSupport
import Testing

@testable import Processing

/// What cannot be ended is not waited for.
@Suite(.timeLimit(.minutes(1))) struct ChildProcessTests {
    /// Programs that outlive the kill of their group: one only holds the output, the other is the program itself, as if its disk hung.
    static let survivors = [
        "setsid sleep 1000 & echo $! > pid; echo >&9; wait",
        "exec perl -e 'setpgrp(0, getpgrp(getppid)); open F, q(>pid); print F $$; close F; open L, q(>&9); syswrite L, 1; sleep 1000'",
    ]

    private let scene: WorkerScene
    private let clock = TestClock()

    init() throws { scene = try WorkerScene() }

    private func start(_ script: String) async throws -> Task<ChildProblem?, Never> {
        let begin = "cd '\(scene.folder.path)' && exec 9>life || exit 99; "
        let child = ChildProcess("/bin/sh", ["-c", begin + script], deadline: .seconds(60), clock: clock)
        let task = Task { () -> ChildProblem? in
            do throws(ChildProblem) { _ = try await child.run() } catch { return error }
            return nil
        }
        #expect(await scene.life.ready())
        #expect(try await clock.nextSleep() == .seconds(60))
        return task
    }

    /// True when nothing is left of the program once what survived has ended.
    private func isGoneWithSurvivor() async -> Bool {
        if let pid = Int32(scene.text("pid").filter(\.isNumber)) { kill(pid, SIGKILL) }
        return await scene.life.isOver()
    }

    @Test(arguments: survivors) func `at its deadline a program that cannot be ended is given up`(_ script: String) async throws {
        let task = try await start(script)
        clock.advance(by: .seconds(60))
        if script == Self.survivors[1] { clock.advance(by: try await clock.nextSleep()) }
        #expect(await task.value == .late(after: .seconds(60)))
        #expect(await isGoneWithSurvivor())
    }

    @Test(arguments: survivors) func `a cancelled program that cannot be ended is given up`(_ script: String) async throws {
        let task = try await start(script)
        task.cancel()
        if script == Self.survivors[1] { clock.advance(by: try await clock.nextSleep()) }
        #expect(await task.value == .cancelled)
        #expect(await isGoneWithSurvivor())
    }

    /// In a process of its own, whose memory nobody else uses. Both floods are read as fast as they come, and cut off.
    @Test func `a flood of a gigabyte costs a few megabytes`() async {
        await #expect(processExitsWith: .success) {
            let before = try MostMemory.now()
            for stream in ["", " >&2"] {
                let child = ChildProcess(
                    "/bin/sh", ["-c", "exec head -c 1073741824 /dev/zero\(stream)"], deadline: .seconds(60),
                    clock: ContinuousClock())
                do throws(ChildProblem) {
                    _ = try await child.run()
                    exit(2)
                } catch {
                    guard error == .flooded(bytes: 1 << 20) else { exit(3) }
                }
            }
            guard try MostMemory.now() - before < 32 << 20 else { exit(4) }
            // A dead child that was asked after is gone; one that was not is still there.
            guard waitpid(-1, nil, WNOHANG) == -1, errno == ECHILD else { exit(5) }
        }
    }
}

/// The most that this process ever had in memory, in bytes.
private enum MostMemory {
    static func now() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }) * 1024
    }
}
