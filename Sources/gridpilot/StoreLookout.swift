import Blocking
import Logging
import RunModel
import Store

/// Says in the server's log when the store's file is no longer in its place, and when it is back. Whoever writes is refused without it.
struct StoreLookout {
    let store: RunStore
    private static let log = Logger(label: "store")
    private static let interval = Duration.seconds(5)
    private let lane = BlockingLane("store")

    init(store: RunStore) { self.store = store }

    func run() async {
        var last: String?
        while !Task.isCancelled {
            let found = await look()
            if found != last { Self.log.warning("\(found ?? "The store is in its place again.")") }
            last = found
            // Cancelled: then the loop ends.
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func look() async -> String? {
        let outcome: String?
        do throws(BlockingProblem) {
            outcome = try await lane.run(deadline: Self.interval, endsWhenCancelled: true) { [store] () -> String? in
                do throws(StoreError) { try store.look() } catch { return error.explanation }
                return nil
            }
        } catch {
            return if case .cancelled = error { nil } else { "The disk of the data directory does not answer." }
        }
        return outcome
    }
}
