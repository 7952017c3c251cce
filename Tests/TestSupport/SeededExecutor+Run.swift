import Synchronization

extension SeededExecutor {
    /// More jobs than any test of ours needs: a run that asks for more goes in circles.
    public static let defaultStepLimit = 5_000_000

    /// Runs until nothing is ready and nobody sleeps.
    @discardableResult
    public func runUntilIdle(limitSteps: Int = defaultStepLimit) -> Outcome {
        let outcome = run(until: { false }, limitSteps: limitSteps)
        return outcome == .idle ? .reached : outcome
    }

    /// Runs until the condition holds; it is asked before every job.
    @discardableResult
    public func run(until condition: () -> Bool, limitSteps: Int = defaultStepLimit) -> Outcome {
        var left = limitSteps
        while !condition() {
            if isAbandoned { return .abandoned }
            if left == 0 { return .outOfSteps }
            if !step() { return isAbandoned ? .abandoned : .idle }
            left -= 1
        }
        return .reached
    }

    /// Runs for that much virtual time: whatever is due by then has run, and the clock stands there.
    @discardableResult
    public func run(for duration: Duration, limitSteps: Int = defaultStepLimit) -> Outcome {
        let end = now.advanced(by: duration)
        for _ in 0..<limitSteps where !step(notAfter: end) {
            if isAbandoned { return .abandoned }
            moveClock(to: end)
            return .reached
        }
        return .outOfSteps
    }

    /// Runs the body, and everything else here, until the body has come back.
    ///
    /// Throws `Unfinished` when it never does: all that is left waits, the limit is reached, or it was abandoned.
    @discardableResult
    public func complete<Value: Sendable>(
        limitSteps: Int = defaultStepLimit,
        _ body: sending @escaping @isolated(any) () async throws -> Value
    ) throws -> Value {
        let result = Mutex<Result<Value, any Error>?>(nil)
        let box = Box(result)
        start {
            do {
                let value = try await body()
                box.value.withLock { $0 = .success(value) }
            } catch {
                box.value.withLock { $0 = .failure(error) }
            }
        }
        let outcome = run(until: { box.value.withLock { $0 != nil } }, limitSteps: limitSteps)
        guard let finished = box.value.withLock({ $0 }) else { throw Unfinished(outcome: outcome) }
        return try finished.get()
    }

    /// A body that did not come back, and why.
    public struct Unfinished: Error, Equatable, CustomStringConvertible {
        public let outcome: Outcome
        public init(outcome: Outcome) { self.outcome = outcome }
        public var description: String { "The body did not come back: \(outcome)." }
    }

    /// Holds a mutex where a closure can carry it.
    private final class Box<Value: ~Copyable & Sendable>: Sendable {
        let value: Value
        init(_ value: consuming Value) { self.value = value }
    }
}
