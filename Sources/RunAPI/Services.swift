import Accounts
import Blocking
import Engine
import RunModel
import Store
import Synchronization
import WebServer

/// The parts that routes and feed share. A value, made once at the start: its members guard themselves, so it may be copied anywhere.
///
/// What routes and feed work with.
struct Services: Sendable {
    let engine: Engine
    let accounts: Accounts
    let facility: Facility
    var configuration: RunAPI.Configuration
    let groups: SessionGroups
    var reads = BlockingLane("store", width: 2, waiting: 512)
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
        groups = SessionGroups()
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

    /// The group of a session, nil for one that does not exist. From memory where it can be: every request and every page asks for it.
    func group(of session: SessionID) async throws(Problem) -> String? {
        if let known = groups.known(session) { return known }
        let groups = groups
        return try await reading { store throws(StoreError) in try groups.group(of: session, in: store) }
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

/// The groups of sessions that were asked for: a session's group never changes.
final class SessionGroups: Sendable {
    private let groups = Mutex<[SessionID: String]>([:])
    private let limit: Int

    /// A server runs for months and a session is asked for again for days, so it forgets at this many: a miss costs one read.
    init(limit: Int = 2000) { self.limit = limit }

    var count: Int { groups.withLock(\.count) }

    func forgetAll() { groups.withLock { $0 = [:] } }

    func known(_ session: SessionID) -> String? { groups.withLock { $0[session] } }

    /// Nil for a session that does not exist. Takes the store by hand, because only those who may block have it.
    func group(of session: SessionID, in store: RunStore) throws(StoreError) -> String? {
        if let known = known(session) { return known }
        guard let group = try store.session(session)?.session.group else { return nil }
        groups.withLock { groups in
            if groups.count >= limit { groups = [:] }
            groups[session] = group
        }
        return group
    }
}

/// What `/metrics` counts.
final class Counters: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func answered(_ status: Int) { counts.withLock { $0[status, default: 0] += 1 } }
    var byStatus: [(status: Int, count: Int)] { counts.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}
