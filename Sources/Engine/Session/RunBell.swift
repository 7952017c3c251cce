import RunModel
import Synchronization

/// How a run is told to stop, or to end now, by somebody who waits for nobody: not for the engine, and not for a disk that the engine waits for.
///
/// It is rung first and written down afterwards. The run hears it at its next checkpoint and in every wait.
final class RunBell: Sendable {
    struct Stop {
        let by: String
        let command: CommandID?
        /// Said in the store as well.
        var isWritten = false
    }
    enum Ending: Hashable {
        case killed(by: String, Force, command: CommandID)
        case interrupted(cause: String)
    }
    private struct State {
        var stop: Stop?
        /// How often somebody has rung for a stop.
        var rings = 0
        var ending: Ending?
        var isClosed = false
    }
    private let state = Mutex(State())
    /// Set when the run is ended from outside; `ending` then says how that is to be written down.
    let kill = Latch()
    /// Signalled with each ring.
    let changes: Condition
    /// The session's: who may ring is known without asking the store.
    let group: String

    init(group: String, changes: Condition) {
        self.group = group
        self.changes = changes
    }

    var stop: Stop? { state.withLock { $0.stop } }
    var rings: Int { state.withLock { $0.rings } }
    var ending: Ending? { state.withLock { $0.ending } }

    /// False where somebody was quicker: then theirs stands.
    func ringStop(by person: String, command: CommandID?) -> Bool {
        let isFirst = state.withLock { state in
            state.rings += 1
            guard state.stop == nil else { return false }
            state.stop = Stop(by: person, command: command)
            return true
        }
        changes.signal()
        return isFirst
    }

    /// `rings`: how often it had been rung when somebody asked for that. Whoever has rung since wants the run to stop.
    func takeBackStop(after rings: Int) {
        state.withLock { state in
            if state.rings == rings { state.stop = nil }
        }
        changes.signal()
    }

    /// Who has rung, for a stop or for the end; nil for nobody.
    var rungBy: String? {
        state.withLock { state in
            switch state.ending {
            case .killed(let person, _, _)?: person
            case .interrupted?: "The server"
            case nil: state.stop?.by
            }
        }
    }

    /// Returns when somebody has asked for a stop, or the task is cancelled.
    func stopAsked() async { await untilChanged { stop != nil } }

    /// The same for a stop or the end.
    func rung() async { await untilChanged { rungBy != nil } }

    private func untilChanged(_ condition: () -> Bool) async {
        while !condition(), !Task.isCancelled {
            let seen = changes.generation
            if condition() { return }
            await changes.wait(after: seen)
        }
    }

    /// Work that may hang on a disk, and is cancelled when somebody has rung and `patience` has passed. What it says then is what it was cut
    /// short with.
    func untilRung<Value: Sendable>(
        patience: Duration = .zero, _ clock: any Clock<Duration>, _ work: @escaping @Sendable () async -> Value
    ) async -> Value {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await work() }
            group.addTask { [self] in
                await rung()
                if patience > .zero { try? await clock.sleep(for: patience) }  // cancelled is over
                return nil
            }
            var answer: Value?
            for await next in group {
                answer = next ?? answer
                group.cancelAll()
            }
            guard let answer else { preconditionFailure("work that is cut short has an answer, too") }
            return answer
        }
    }

    /// No run has begun, so whoever rang has what they asked for.
    func answerAll() {
        state.withLock { state in
            state.stop?.isWritten = true
            state.isClosed = true
        }
    }

    func noteStopWritten() { state.withLock { $0.stop?.isWritten = true } }

    /// Nothing once the run gives its lock back: then it has ended in its own way.
    func ringEnd(_ ending: Ending) {
        let rings = state.withLock { state in
            guard !state.isClosed else { return false }
            state.ending = ending
            return true
        }
        guard rings else { return }
        kill.set()
        changes.signal()
    }

    /// From here on nothing can be ended any more: what has ended the run until now is what its last words say.
    func close() -> Ending? {
        state.withLock { state in
            state.isClosed = true
            return state.ending
        }
    }
    var isClosed: Bool { state.withLock { $0.isClosed } }
}

/// A stop that was rung before its command reached the session.
struct RungStop {
    let bell: RunBell
    let isFirst: Bool
}

/// The bells of the runs that live or begin.
final class RunBells: Sendable {
    private let bells = Mutex<[SessionID: RunBell]>([:])

    subscript(_ session: SessionID) -> RunBell? {
        get { bells.withLock { $0[session] } }
        set { bells.withLock { $0[session] = newValue } }
    }

    var sessions: [SessionID] { bells.withLock { $0.keys.sorted() } }
}
