import Blocking

extension BlockingLane {
    /// A store that does not answer is not waited for without end. A change that had begun by then may still be made, which the next refresh
    /// shows; a flood of sign-ins is refused instead of kept.
    func run<Value: Sendable>(
        within deadline: Duration = .seconds(30), endsWhenCancelled: Bool = false,
        _ body: @escaping @Sendable () throws(AccountError) -> Value
    ) async throws(AccountError) -> Value {
        let result: Result<Value, AccountError>
        do throws(BlockingProblem) {
            result = try await run(deadline: deadline, endsWhenCancelled: endsWhenCancelled) { _ in
                Result { () throws(AccountError) in try body() }
            }
        } catch {
            if case .silent = error { throw .noAnswer }
            throw .tooManyAtOnce
        }
        return try result.get()
    }
}
