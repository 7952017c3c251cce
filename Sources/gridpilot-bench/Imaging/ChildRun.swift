import ArgumentParser
import Foundation

/// A program that ran to its end: what it said, how long it took and how much memory it had at its peak.
struct ChildRun {
    let output: String
    let seconds: Double
    /// On all cores together.
    let processorSeconds: Double
    let peakMegabytes: Double

    init(_ program: String, _ arguments: [String]) throws {
        let pipe = Pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe.fileHandleForWriting.fileDescriptor, 1)
        var pid = pid_t()
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        let start = ContinuousClock.now
        guard posix_spawn(&pid, program, &actions, nil, words, environ) == 0 else {
            throw ValidationError("\(program) cannot be run.")
        }
        try pipe.fileHandleForWriting.close()
        output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        var status: Int32 = 0
        var usage = rusage()
        // Only this reaps it, so it cannot have gone; a signal to this process is no reason to give up.
        while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
        seconds = (ContinuousClock.now - start) / .seconds(1)
        processorSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        peakMegabytes = Double(usage.ru_maxrss) / 1024
        guard status == 0 else { throw ValidationError("\(program) ended with status \(status).") }
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
