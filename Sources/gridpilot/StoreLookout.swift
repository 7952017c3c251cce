import Blocking
import Logging
import RunModel
import Store

/// Says in the server's log when the store's file is no longer in its place, and when it is back. Whoever writes is refused without it.
struct StoreLookout {
    private static let log = Logger(label: "store")
    private static let deadline = Duration.seconds(5)
    /// What is wrong with the store's file; nil where nothing is.
    let look: @Sendable () async -> String?
    var interval = Duration.seconds(5)
    var say: @Sendable (String) -> Void = { log.warning("\($0)") }

    init(store: RunStore) {
        let lane = BlockingLane("store")
        self.init { await Self.look(at: store, on: lane) }
    }

    init(look: @escaping @Sendable () async -> String?) { self.look = look }

    func run() async {
        var last: String?
        while !Task.isCancelled {
            let found = await look()
            // A look that was cut short by the server's end has found nothing.
            if Task.isCancelled { return }
            if found != last { say(found ?? "The store is in its place again.") }
            last = found
            // Cancelled: then the loop ends.
            try? await Task.sleep(for: interval)
        }
    }

    private static func look(at store: RunStore, on lane: BlockingLane) async -> String? {
        do throws(BlockingProblem) {
            return try await lane.run(deadline: deadline, endsWhenCancelled: true) { () -> String? in
                do throws(StoreError) { try store.look() } catch { return error.explanation }
                return nil
            }
        } catch {
            return "The disk of the data directory does not answer."
        }
    }
}
