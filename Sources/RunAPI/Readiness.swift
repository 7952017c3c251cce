import Blocking
import JSONText
import RunModel
import Store
import Synchronization
import WebServer

/// Whether the server can do its work, part by part.
///
/// The store is asked by writing to it, since one that can only be read is no use to a run. Anybody may ask, so that however many do, it is
/// written at most once a second, always in the same row; whoever comes in between hears what was found last.
final class Readiness: Sendable {
    private struct Finding: Sendable {
        var at: Timestamp
        var problem: StoreError?
    }
    static let freshSeconds = 1.0
    private let last = Mutex<Finding?>(nil)
    /// Its own, so that a crowd of those who ask keeps no page waiting.
    private let lane = BlockingLane("store", waiting: 64)

    /// What keeps the store from being written; nil when it was.
    func store(_ store: RunStore, now: @escaping @Sendable () -> Timestamp) async throws(BlockingProblem) -> StoreError? {
        if let fresh = fresh(at: now()) { return fresh.problem }
        return try await lane.run(deadline: .seconds(2)) { [self] in
            // Whoever stood in front has just asked.
            if let fresh = fresh(at: now()) { return fresh.problem }
            var finding = Finding(at: now())
            do throws(StoreError) { try store.prove(at: finding.at) } catch { finding.problem = error }
            last.withLock { $0 = finding }
            return finding.problem
        }
    }

    /// A clock that was set back makes nothing fresh.
    private func fresh(at moment: Timestamp) -> Finding? {
        last.withLock { $0 }.flatMap { (0..<Self.freshSeconds).contains(moment.seconds(since: $0.at)) ? $0 : nil }
    }
}

extension Services {
    /// 200 or 503. Names of files are for the server's own log: anybody may ask.
    func readiness(isEngineHeard: Bool) async -> HTTPResponse {
        let stalled = configuration.stalled()
        let isStalled = stalled.contains("engine")
        // Whoever hears it was answered all the same: a thread was free for a moment.
        let isSlow = stalled.contains("requests")
        let isEngineReady = isEngineHeard && !isStalled
        var parts: JSONValue = ["engine": isStalled ? "stalled" : isEngineHeard ? "ready" : "notReady"]
        if isSlow { parts["requests"] = "stalled" }
        // A store that takes a write may hang all the same in what pages ask of it.
        let canBeRead = reads.silence == nil
        if !canBeRead { parts["reads"] = "disk.noAnswer" }
        var isReady = isEngineReady && !isSlow && canBeRead
        var isWritable = false
        do throws(BlockingProblem) {
            let now = engine.parts.now
            let problem = try await ready.store(store, now: now)
            parts["store"] = .string(problem?.code ?? "ready")
            isReady = isReady && problem == nil
            isWritable = problem == nil
        } catch {
            if case .silent = error { parts["store"] = "disk.noAnswer" } else { parts["store"] = "server.busy" }
            isReady = false
        }
        guard !isReady else { return .value(["ready": true, "status": "ready", "parts": parts]) }
        let problem: Problem =
            isStalled
            ? .engineStalled
            : !isEngineHeard ? .engineNotReady : isSlow ? .requestsStalled : isWritable ? .storeNotRead : .storeNotReady
        var answer = problem.json
        answer["ready"] = false
        answer["parts"] = parts
        return HTTPResponse(
            status: 503, headers: [("content-type", "application/problem+json")], body: .bytes(JSONText.bytes(of: answer)))
    }
}

extension Problem {
    // Until the feed hears the journal, a page could be shown a state whose next event it then misses.
    fileprivate static let engineNotReady = Problem(
        503, "server.notReady", "The engine is not running.", remedy: "Wait until the server has started.")
    fileprivate static let engineStalled = Problem(
        503, "server.notReady", "The engine does not answer.",
        remedy: "The server's log says in what it hangs. Restart the server.")
    fileprivate static let requestsStalled = Problem(
        503, "server.notReady", "The threads that answer requests do not.",
        remedy: "What runs goes on without its pages. Restart the server when no run is under way.")
    fileprivate static let storeNotRead = Problem(
        503, "server.notReady", "What pages ask of the store is not answered.",
        remedy: "What runs goes on. Look at the disk of the server's data.")
    fileprivate static let storeNotReady = Problem(
        503, "server.notReady", "The store cannot be written.", remedy: "Look at the server's log and at the disk of its data.")
}
