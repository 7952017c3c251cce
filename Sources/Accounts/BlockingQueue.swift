import Dispatch
import Synchronization

/// One thread for what blocks: password hashes and their writes. Bounded, so that a flood of sign-ins is refused instead of kept.
final class BlockingQueue: Sendable {
    private let queue = DispatchQueue(label: "accounts")
    private let waiting = Mutex(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func run<Value: Sendable>(_ body: @escaping @Sendable () throws(AccountError) -> Value) async throws(AccountError) -> Value {
        let isFull = waiting.withLock { count in
            guard count < limit else { return true }
            count += 1
            return false
        }
        guard !isFull else { throw .tooManyAtOnce }
        let result: Result<Value, AccountError> = await withCheckedContinuation { continuation in
            queue.async {
                let result = Result { () throws(AccountError) in try body() }
                self.waiting.withLock { $0 -= 1 }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }
}
