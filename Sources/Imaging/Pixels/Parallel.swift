import Dispatch

/// Work on pixels that falls into independent pieces.
enum Parallel {
    /// Runs `body` for 0..<count on as many threads as the machine has cores, and returns when all are done.
    static func perform(_ count: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            // The call ends after the last piece, so nothing outlives `body`; its pieces touch no common memory.
            nonisolated(unsafe) let piece = body
            DispatchQueue.concurrentPerform(iterations: count) { piece($0) }
        }
    }
}
