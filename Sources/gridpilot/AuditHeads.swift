import Blocking
import Logging
import RunModel
import Store

/// Says at the start and once a day in the server's log where the audit log ends. Kept elsewhere, as logs usually are, such a line proves later
/// that nothing up to there was changed or cut off: `gridpilot audit verify --head`.
struct AuditHeads {
    let store: RunStore
    private static let log = Logger(label: "audit")
    private static let interval = Duration.seconds(86_400)
    private let lane = BlockingLane("store")

    init(store: RunStore) { self.store = store }

    func run() async {
        while !Task.isCancelled {
            await say()
            // Cancelled: then the loop ends.
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func say() async {
        do throws(BlockingProblem) {
            let found = try await lane.run(deadline: .seconds(60), endsWhenCancelled: true) { [store] in
                Result { () throws(StoreError) in try store.auditHead() }
            }
            switch found {
            case .success(let head?): Self.log.info("The audit log ends with record \(head.text)")
            case .success(nil): Self.log.info("The audit log is empty.")
            case .failure(let problem): Self.log.warning("The audit log cannot be read. \(problem.sentence)")
            }
        } catch {
            if case .cancelled = error { return }
            Self.log.warning("The audit log cannot be read. \(error.sentence)")
        }
    }
}
