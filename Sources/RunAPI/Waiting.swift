import Blocking
import WebServer

extension BlockingLane {
    /// What `work` says, or why there is no answer, as pages get it.
    func answer<Value: Sendable>(
        within deadline: Duration = .seconds(30), _ work: @escaping @Sendable () throws(Problem) -> Value
    ) async throws(Problem) -> Value {
        let result: Result<Value, Problem>
        do throws(BlockingProblem) {
            result = try await run(deadline: deadline) { Result { () throws(Problem) in try work() } }
        } catch {
            throw Problem(error)
        }
        return try result.get()
    }
}

extension DiskLanes {
    /// The same of a file on one of the disks. A page that waits longer for a picture asks again.
    func answer<Value: Sendable>(
        about path: String, _ work: @escaping @Sendable () throws(Problem) -> Value
    ) async throws(Problem) -> Value {
        let result: Result<Value, Problem>
        do throws(BlockingProblem) {
            result = try await run(at: path, deadline: .seconds(5)) { Result { () throws(Problem) in try work() } }
        } catch {
            throw Problem(error)
        }
        return try result.get()
    }
}

extension Problem {
    init(_ cause: BlockingProblem) {
        let code = if case .silent = cause { "disk.noAnswer" } else { "server.busy" }
        self.init(503, code, cause.sentence, remedy: cause.remedy, headers: ["retry-after": "5"])
    }
}
