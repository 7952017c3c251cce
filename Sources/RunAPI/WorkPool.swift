import Dispatch
import Synchronization

/// A few threads for what blocks (store, images, files), so that neither the network nor the feed waits for a slow disk.
final class WorkPool: Sendable {
    private let queues: [DispatchQueue]
    private let waiting: Mutex<[Int]>
    private let limit: Int

    /// `limit` bounds what waits in all: behind a dead disk people are refused, not kept.
    init(_ label: String, width: Int, limit: Int = 512) {
        queues = (0..<width).map { DispatchQueue(label: "RunAPI.\(label).\($0)") }
        waiting = Mutex(Array(repeating: 0, count: width))
        self.limit = limit
    }

    func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(Problem) -> Value
    ) async throws(Problem) -> Value {
        guard let lane = takeLane() else {
            throw Problem(
                503, "server.busy", "Too many requests wait for the disk.", remedy: "Try again in a few seconds.",
                headers: ["retry-after": "5"])
        }
        let result: Result<Value, Problem> = await withCheckedContinuation { continuation in
            queues[lane].async {
                let result = Result { () throws(Problem) in try work() }
                self.waiting.withLock { $0[lane] -= 1 }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    /// The lane with the fewest before it: a hung one is passed by.
    private func takeLane() -> Int? {
        waiting.withLock { waiting in
            guard waiting.reduce(0, +) < limit else { return nil }
            let lane = waiting.indices.min { waiting[$0] < waiting[$1] } ?? 0
            waiting[lane] += 1
            return lane
        }
    }
}
