import Dispatch
import Foundation
import RunModel
import Synchronization

/// Pings the parts of the server that must never hang, says in the log which of them does and in what, and tells the service manager.
///
/// It has a thread of its own, since it must go on when the others do not: neither Swift's shared threads nor a part's. What it does in a round depends
/// on its argument and the answers alone.
final class Watchdog: Sendable {
    private struct Part {
        let part: WatchedPart
        var watch: StallWatch
        let answer = Answer()
        var turns = 0
    }
    /// Given by the part's own thread.
    private final class Answer: Sendable {
        let isThere = Atomic<Bool>(true)
    }
    private struct State {
        var parts: [Part] = []
        var sinceTold = Duration.zero
        var isRefused = false
        var messages: [[String]] = []
    }

    private let limit: Duration
    private let interval: Duration
    private let manager: ServiceManager?
    private let log: @Sendable (String) -> Void
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let isEnding = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)
    private let stalls = Mutex<Set<String>>([])

    init(limit: Duration = .seconds(30), manager: ServiceManager?, log: @escaping @Sendable (String) -> Void) {
        self.limit = limit
        self.manager = manager
        self.log = log
        // Often enough for both: a stall is found on time, and the service manager is told well before it gives up.
        interval = max(.milliseconds(20), min(.seconds(1), limit / 30, (manager?.watchdog ?? limit) / 8))
    }

    /// Only before the first round.
    func watch(_ part: WatchedPart) {
        let watch = StallWatch(limit: limit, interval: interval)
        state.withLock { $0.parts.append(Part(part: part, watch: watch)) }
    }

    /// The parts that have stopped, by the names that `/readyz` has for them.
    var stalled: Set<String> { stalls.withLock { $0 } }

    var watched: [WatchedPart] { state.withLock { $0.parts.map(\.part) } }

    // MARK: one round

    /// Looks for the answers to the last pings and sends the next. `passed`: since the last round.
    func round(passed: Duration) {
        let (findings, isWell) = state.withLock { state in
            let findings = state.parts.indices.compactMap { Self.look(at: &state.parts[$0], passed: passed) }
            state.sinceTold += passed
            return (findings, state.parts.allSatisfy { !$0.part.isVital || $0.watch.silence == .zero })
        }
        for (part, finding) in findings { report(part, finding) }
        if isWell { tellAlive() }
    }

    private static func look(at part: inout Part, passed: Duration) -> (WatchedPart, StallWatch.Finding)? {
        let isAnswered = part.answer.isThere.load(ordering: .acquiring)
        // A part that goes from one job to the next has not stopped, however many stand before the ping.
        let turns = part.part.activity.turns
        let finding = part.watch.look(isAnswered: isAnswered || turns != part.turns, passed: passed)
        part.turns = turns
        // One ping at a time: a part that hangs is not left a heap of them.
        if isAnswered {
            part.answer.isThere.store(false, ordering: .relaxed)
            part.part.perform { [answer = part.answer] in answer.isThere.store(true, ordering: .releasing) }
        }
        return finding.map { (part.part, $0) }
    }

    private func report(_ part: WatchedPart, _ finding: StallWatch.Finding) {
        switch finding {
        case .stalled(let silence):
            stalls.withLock { _ = $0.insert(part.key) }
            let last = part.activity.lastBegun.map { " The last it began: \($0)." } ?? ""
            log("\(part.name) has not answered for \(silence.components.seconds) s.\(last)")
            let stack = part.activity.stack()
            if !stack.isEmpty { log("\(part.name) is in:\n" + stack.map { "    \($0)" }.joined(separator: "\n")) }
            // After the log: it ends the server where it watches.
            let isToEnd = part.isVital && manager?.watchdog != nil
            tell(["STATUS=\(part.name) does not answer."] + (isToEnd ? ["WATCHDOG=trigger"] : []))
        case .goesOn(let silence):
            stalls.withLock { _ = $0.remove(part.key) }
            log("\(part.name) answers again, after \(silence.components.seconds) s.")
            tell(["STATUS=\(part.name) answers again."])
        }
    }

    private func tellAlive() {
        guard let every = manager?.watchdog else { return }
        let isDue = state.withLock { state in
            guard state.sinceTold >= every / 2 else { return false }
            state.sinceTold = .zero
            return true
        }
        if isDue { tell(["WATCHDOG=1"]) }
    }

    private func tell(_ lines: [String]) {
        guard let manager else { return }
        let isRefused = !manager.tell(lines)
        let isNew = state.withLock { state in
            defer { state.isRefused = isRefused }
            return isRefused && !state.isRefused
        }
        if isNew { log("The service manager cannot be told how the server is.") }
    }

    // MARK: the thread

    /// To be said by the thread, at once: whoever calls does not wait for the service manager.
    func say(_ lines: String...) {
        state.withLock { $0.messages.append(lines) }
        wake.signal()
    }

    /// Watches until `end()`.
    func start() {
        let thread = Thread { [self] in
            var last = ContinuousClock.now
            while !isEnding.load(ordering: .acquiring) {
                let isWoken = wake.wait(timeout: .now() + interval.dispatched) == .success
                for lines in takeMessages() { tell(lines) }
                guard !isWoken else { continue }
                let now = ContinuousClock.now
                round(passed: now - last)
                last = now
            }
            for lines in takeMessages() { tell(lines) }
            ended.signal()
        }
        thread.name = "watchdog"
        thread.start()
    }

    /// Returns when everything has been said, or the service manager takes nothing.
    func end() {
        isEnding.store(true, ordering: .releasing)
        wake.signal()
        ended.wait()
    }

    private func takeMessages() -> [[String]] {
        state.withLock { state in
            defer { state.messages = [] }
            return state.messages
        }
    }
}

extension Duration {
    fileprivate var dispatched: DispatchTimeInterval {
        .microseconds(Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000))
    }
}
