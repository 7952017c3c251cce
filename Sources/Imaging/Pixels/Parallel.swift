import Dispatch

/// Pure work on several threads.
enum Parallel {
    /// Calls `body` for 0 ..< `count`, some at once, and comes back when all are done.
    static func perform(_ count: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            // The calls share nothing but what `body` itself shares, and none outlives this function.
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: count) { body($0) }
        }
    }
}
