import Blocking
import RunModel
import Store

/// Looks through the audit log for whoever asks whether it is whole.
///
/// The log is never shortened, so a look takes a second for each hundred thousand records. It has a lane of its own, since readers must not wait
/// for it; all who ask meanwhile get the answer of one look; and for an hour the next one goes on from where the log was found whole. What
/// somebody changes before that place shows when the hour is over, and at once to `gridpilot audit verify`.
actor AuditChecks {
    private let store: RunStore
    private let elapsed: @Sendable () -> Duration
    private let lane = BlockingLane("store")
    private var underWay: Task<Result<AuditCheck, Problem>, Never>?
    private var walk = AuditWalk()
    private var began = Duration.zero
    static let renewal = Duration.seconds(3600)

    init(_ store: RunStore, elapsed: @escaping @Sendable () -> Duration) {
        (self.store, self.elapsed) = (store, elapsed)
    }

    func check() async throws(Problem) -> AuditCheck {
        if let underWay { return try await underWay.value.get() }
        let look = Task { await self.look() }
        underWay = look
        return try await look.value.get()
    }

    private func look() async -> Result<AuditCheck, Problem> {
        defer { underWay = nil }
        let now = elapsed()
        if now - began >= Self.renewal { (walk, began) = (AuditWalk(), now) }
        do throws(Problem) {
            while true {
                let (further, check) = try await piece(walk)
                walk = further
                guard let check else { continue }
                // What is wrong is looked for anew: somebody may put it right.
                if check.problem != nil { walk = AuditWalk() }
                return .success(check)
            }
        } catch {
            return .failure(error)
        }
    }

    private func piece(_ walk: AuditWalk) async throws(Problem) -> (AuditWalk, AuditCheck?) {
        try await lane.answer { [store] () throws(Problem) in
            var walk = walk
            do throws(StoreError) {
                let check = try store.checkAudit(&walk)
                return (walk, check)
            } catch {
                throw Problem(error)
            }
        }
    }
}
