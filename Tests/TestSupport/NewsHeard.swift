import Engine
import RunModel
import Synchronization

/// What the journal has told in a life: how often, and of a store that cannot be written.
final class NewsHeard: Sendable {
    /// A time in which nothing could be written, by the microscope's clock; without an end while it lasts.
    struct Hold: Sendable {
        let from: Timestamp
        var until: Timestamp?

        func covers(_ moment: Timestamp) -> Bool { moment > from && (until.map { moment < $0 } ?? true) }
    }
    struct Trouble: Sendable {
        enum Valves { case closed, beingClosed, unknown }
        let since: VirtualInstant
        var valves: Valves
    }
    private struct State {
        var count = 0
        var trouble: Trouble?
        var holds: [Hold] = []
        var troubles: Set<String> = []
    }
    private let state = Mutex(State())

    /// A state depends on nothing else: with the same count it has not changed.
    var count: Int { state.withLock { $0.count } }
    /// The one that lasts.
    var trouble: Trouble? { state.withLock { $0.trouble } }
    var holds: [Hold] { state.withLock { $0.holds } }
    /// What was said of the store, each once.
    var troubles: Set<String> { state.withLock { $0.troubles } }

    /// `at`: by the clock of the executor, and of the microscope.
    func add(_ news: Journal.News, at moment: VirtualInstant, _ microscopeTime: (Timestamp) -> Timestamp) {
        state.withLock { state in
            state.count += 1
            guard case .reading(.trouble(_, let trouble), let told) = news else { return }
            guard let trouble else {
                state.trouble = nil
                if let last = state.holds.indices.last { state.holds[last].until = microscopeTime(told) }
                return
            }
            if state.trouble == nil { state.holds.append(Hold(from: microscopeTime(told))) }
            let detail = trouble.detail ?? ""
            let valves: Trouble.Valves =
                detail.contains("valves are closed") ? .closed : detail.contains("being closed") ? .beingClosed : .unknown
            state.trouble = Trouble(since: state.trouble?.since ?? moment, valves: valves)
            state.troubles.insert(trouble.sentence)
        }
    }
}
