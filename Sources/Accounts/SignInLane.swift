import Blocking
import Synchronization

extension BlockingLane {
    /// A store that does not answer is not waited for without end. A change that had begun by then may still be made, which the next refresh
    /// shows; a flood of sign-ins is refused instead of kept.
    func run<Value: Sendable>(
        within deadline: Duration = .seconds(30), endsWhenCancelled: Bool = false,
        _ body: @escaping @Sendable () throws(AccountError) -> Value
    ) async throws(AccountError) -> Value {
        let result: Result<Value, AccountError>
        let hasBegun = Mutex(false)
        do throws(BlockingProblem) {
            result = try await run(deadline: deadline, endsWhenCancelled: endsWhenCancelled) { isWanted in
                hasBegun.withLock { $0 = true }
                // Asked after that is said: whoever has been told that it did not begin is right.
                guard isWanted() else { return .failure(.notBegun) }
                return Result { () throws(AccountError) in try body() }
            }
        } catch {
            if case .silent = error { throw hasBegun.withLock { $0 } ? .noAnswer : .notBegun }
            throw .tooManyAtOnce
        }
        return try result.get()
    }
}
