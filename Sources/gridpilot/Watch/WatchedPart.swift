import Blocking
import Engine
import Glibc
import WebServer

/// A part of the server that must answer whatever else is under way.
struct WatchedPart: Sendable {
    /// As a sentence begins with it.
    let name: String
    /// As `/readyz` names it.
    let key: String
    let activity: ThreadActivity
    /// Carries out a call in the part's own turn, behind all that it has begun.
    let perform: @Sendable (@escaping @Sendable () -> Void) -> Void

    static func engine(_ executor: QueueExecutor) -> WatchedPart {
        WatchedPart(name: "The engine", key: "engine", activity: executor.activity, perform: { executor.perform($0) })
    }

    static func network(_ web: WebServer) -> WatchedPart {
        WatchedPart(name: "The network thread", key: "network", activity: web.activity, perform: { web.perform($0) })
    }

    /// Keeps the part from everything for so long, for a demonstration of what happens then.
    func stall(for duration: Duration) {
        perform { [activity] in
            activity.begin("a stall that --debug-stall asked for")
            let end = ContinuousClock.now + duration
            // In pieces: a question for the stack cuts a sleep short.
            while ContinuousClock.now < end { usleep(10_000) }
        }
    }
}
