import Accounts
import Blocking
import Engine
import RunModel
import Store
import Synchronization
import WebServer

/// What routes and feed work with.
struct Services: Sendable {
    let engine: Engine
    let accounts: Accounts
    let facility: Facility
    let configuration: RunAPI.Configuration
    let groups: SessionGroups
    let reads = BlockingLane("store", width: 2, waiting: 512)
    let images: ImageCache
    let counters = Counters()

    var store: RunStore { engine.parts.store }
    var now: Timestamp { engine.parts.now() }

    init(engine: Engine, accounts: Accounts, facility: Facility, configuration: RunAPI.Configuration) {
        self.engine = engine
        self.accounts = accounts
        self.facility = facility
        self.configuration = configuration
        images = ImageCache(disks: configuration.disks)
        groups = SessionGroups(store: engine.parts.store)
    }

    /// Asks the store on a thread that may block.
    func reading<Value: Sendable>(
        _ body: @escaping @Sendable (RunStore) throws(StoreError) -> Value
    ) async throws(Problem) -> Value {
        let store = store
        return try await reads.answer { () throws(Problem) in
            do throws(StoreError) { return try body(store) } catch { throw Problem(error) }
        }
    }

    /// Asks the engine.
    func asking<Value>(
        _ body: () async throws(EngineError) -> Value
    ) async throws(Problem) -> Value {
        do throws(EngineError) { return try await body() } catch { throw Problem(error) }
    }

    /// A stored status is shown only as far as a living run stands behind it. `wasLiving` is asked before the store was read, so that
    /// neither a run that has just begun nor one that has just ended shows as interrupted.
    func derived(_ status: SessionStatus, of session: SessionID, wasLiving: Bool = false) async -> SessionStatus {
        guard status.needsHolder, !wasLiving else { return status }
        return status.derived(holderLives: await engine.isLiving(session))
    }
}

/// The group of every session that was asked for: it never changes.
final class SessionGroups: Sendable {
    private let store: RunStore
    private let known = Mutex<[SessionID: String]>([:])

    init(store: RunStore) { self.store = store }

    /// Nil for a session that does not exist. Reads the store the first time.
    func group(of session: SessionID) throws(StoreError) -> String? {
        if let group = known.withLock({ $0[session] }) { return group }
        guard let group = try store.session(session)?.session.group else { return nil }
        known.withLock { $0[session] = group }
        return group
    }
}

/// What `/metrics` counts.
final class Counters: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func answered(_ status: Int) { counts.withLock { $0[status, default: 0] += 1 } }
    var byStatus: [(status: Int, count: Int)] { counts.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}
