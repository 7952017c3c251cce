import Blocking
import WebServer

// From the lanes, on which calls may hang, to what a page is told. The work's own refusal travels inside the lane's
// answer, so that "the disk is silent" and "the disk says there is no such file" stay two different things.
extension BlockingLane {
    /// What `work` says, or why there is no answer, as pages get it.
    ///
    /// Half a minute is longer than any question to a healthy store takes, and shorter than people wait before they
    /// load the page again.
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
    /// The same for a file on one of the disks. Five seconds, as long as the web server itself waits for a disk: a
    /// picture that takes longer is asked for again by its page, and meanwhile a row of thumbnails from a dead disk
    /// must not hold the page's few links.
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
    /// Both are 503 with a time to come back, since neither says anything about the request. The codes differ because
    /// the remedies do: a silent disk is somebody's to mend, while a crowd passes by itself. A store that is silent is
    /// a silent disk, too.
    init(_ cause: BlockingProblem) {
        let code = if case .silent = cause { "disk.noAnswer" } else { "server.busy" }
        self.init(503, code, cause.sentence, remedy: cause.remedy, headers: ["retry-after": "5"])
    }
}
