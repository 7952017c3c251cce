import Dispatch

/// Work that falls into parts which know nothing of each other, on the threads the machine has.
enum Parallel {
    /// Runs `body` for 0..<`count`, in any order and side by side; returns when all are done.
    static func perform(_ count: Int, _ body: (Int) -> Void) {
        DispatchQueue.concurrentPerform(iterations: count, execute: body)
    }
}
