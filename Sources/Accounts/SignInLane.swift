import Blocking

extension BlockingLane {
    /// As long as it takes: an account's change that is under way is not given up. A flood of sign-ins is refused instead of kept.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws(AccountError) -> Value) async throws(AccountError) -> Value {
        let result: Result<Value, AccountError>
        do throws(BlockingProblem) {
            result = try await run { _ in Result { () throws(AccountError) in try body() } }
        } catch {
            throw .tooManyAtOnce
        }
        return try result.get()
    }
}
