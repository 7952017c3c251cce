import Foundation
import JSONText
import Processing

/// A child of the server, or a job of a cluster: works on one movie with a low priority and says what it measured.
enum Worker {
    /// `result`: the file of a cluster's job; nil for a child of the server, whose output is read.
    static func run(_ text: String, result: String?) async throws {
        // The run comes first; what cannot be lowered works all the same.
        _ = nice(10)
        signal(SIGPIPE, SIG_IGN)
        let order: WorkerOrder
        do { order = try WorkerOrder(text: text) } catch {
            throw CommandProblem("The order of a worker process cannot be read.", remedy: "Leave --worker-json to the server.")
        }
        if let result { return try await order.carryOut(into: result) }
        endWithInput()
        Terminal.say(try JSONText.encode(await order.carryOut()))
    }

    /// The server holds the other end of standard input: when that closes the server is gone, and so is this worker with all it started.
    private static func endWithInput() {
        var status = stat()
        guard fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                guard count > 0 || count < 0 && errno == EINTR else { break }
            }
            if getpgrp() == getpid() { kill(0, SIGKILL) }
            _exit(1)
        }
    }
}
