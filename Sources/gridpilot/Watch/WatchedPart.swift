import Blocking
import Engine
import Foundation
import Glibc
import WebServer

/// A part of the server that must answer whatever else is under way.
struct WatchedPart: Sendable {
    /// As a sentence begins with it.
    let name: String
    /// As `/readyz` names it.
    let key: String
    let activity: ThreadActivity
    /// Whether a server without it is worth less than one that begins anew. A run goes on without its pages.
    var isVital = true
    /// On which it works at once.
    var threads = 1
    /// Carries out a call in the part's own turn, behind all that it has begun.
    let perform: @Sendable (@escaping @Sendable () -> Void) -> Void

    static func engine(_ executor: QueueExecutor) -> WatchedPart {
        WatchedPart(name: "The engine", key: "engine", activity: executor.activity, perform: { executor.perform($0) })
    }

    static func network(_ web: WebServer) -> WatchedPart {
        WatchedPart(name: "The network thread", key: "network", activity: web.activity, perform: { web.perform($0) })
    }

    /// Swift's own threads, one for each core: every request, every page's news and every sign-in passes there.
    static func requests() -> WatchedPart {
        WatchedPart(
            name: "The part that answers requests", key: "requests", activity: ThreadActivity(), isVital: false,
            threads: ProcessInfo.processInfo.activeProcessorCount
        ) { call in Task.detached { call() } }
    }

    /// Keeps the part from everything for so long, for a demonstration of what happens then.
    func stall(for duration: Duration) {
        let end = ContinuousClock.now + duration
        for _ in 0..<threads {
            perform { [activity] in
                activity.begin("a stall that --debug-stall asked for")
                // In pieces: a question for the stack cuts a sleep short.
                while ContinuousClock.now < end { usleep(10_000) }
            }
        }
    }
}
