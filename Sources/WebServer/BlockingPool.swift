import Dispatch
import Synchronization

/// A few threads for file calls that may hang on a dead disk, so that nothing else waits for them.
final class BlockingPool: Sendable {
    private let queues: [DispatchQueue]
    private let waiting: Mutex<[Int]>

    init(width: Int = 4) {
        queues = (0..<width).map { DispatchQueue(label: "WebServer.files.\($0)") }
        waiting = Mutex(Array(repeating: 0, count: width))
    }

    func run<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
        let lane = takeLane()
        return await withCheckedContinuation { continuation in
            queues[lane].async {
                let result = work()
                self.waiting.withLock { $0[lane] -= 1 }
                continuation.resume(returning: result)
            }
        }
    }

    /// The lane with the fewest before it: a hung one is passed by.
    private func takeLane() -> Int {
        waiting.withLock { waiting in
            let lane = waiting.indices.min { waiting[$0] < waiting[$1] } ?? 0
            waiting[lane] += 1
            return lane
        }
    }
}
