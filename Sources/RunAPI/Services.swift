import Accounts
import Blocking
import Engine
import Hashing
import RunModel
import Store
import Synchronization
import WebServer

/// What routes and feed work with: the engine, the store, the accounts, and the few things kept in memory beside them.
///
/// It is made once at the start. It may be copied anywhere, since every member guards itself. A handler that asks the
/// store goes through `reading`, and one that asks the engine through `asking`: both turn refusals into what a page is
/// told, and the first keeps a slow disk off the threads that everybody shares.
struct Services: Sendable {
    let engine: Engine
    let accounts: Accounts
    let facility: Facility
    var configuration: RunAPI.Configuration
    /// Whose session it is, asked with every request and every event: see `group(of:)`.
    let groups: SessionGroups
    /// Four threads, so that a question that hangs leaves others for everybody else. When 512
    /// more wait, the next one is told 503 at once: a queue that long is minutes behind, and whoever stands in it has
    /// usually left.
    var reads = BlockingLane("store", width: Self.readers, waiting: 512, patienceBesides: .seconds(1))
    static let readers = 4
    /// For whole logs, one after the other: they take as long as they are long, and nobody else waits behind them.
    var downloads = BlockingLane("store", waiting: 64)
    /// For questions that look at every line of a log, which pages of logs ask: they do not wait for a download, and nobody else for them.
    var logs = BlockingLane("store", waiting: 512)
    var audit: AuditTrail
    let auditChecks: AuditChecks
    let images: ImageCache
    let reportTurns = ReportTurns()
    /// Since the start, by the clock that nobody sets.
    let elapsed: @Sendable () -> Duration
    let pastSessions = PastSessions()
    let counters = Counters()
    let ready = Readiness()

    var store: RunStore { engine.parts.store }
    var now: Timestamp { engine.parts.now() }

    init(engine: Engine, accounts: Accounts, facility: Facility, configuration: RunAPI.Configuration) {
        self.engine = engine
        self.accounts = accounts
        self.facility = facility
        self.configuration = configuration
        images = ImageCache(disks: configuration.disks)
        groups = SessionGroups()
        elapsed = Self.stopwatch(configuration.clock)
        auditChecks = AuditChecks(engine.parts.store, elapsed: elapsed)
        audit = AuditTrail(
            engine.parts.store, patience: configuration.auditPatience, elapsed: elapsed, log: configuration.log)
    }

    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    /// Compared by digest, so that the time it takes says nothing about how much of it was right.
    func isMetricsToken(_ request: HTTPRequest) -> Bool {
        guard let token = configuration.metricsToken, let given = request.headers["authorization"],
            given.lowercased().hasPrefix("bearer ")
        else { return false }
        return Digest.of(Array(given.dropFirst(7).trimmed.utf8)) == Digest.of(Array(token.utf8))
    }

    /// Asks the store on a thread that may block. A store that stays silent for 30 s is answered for with 503 and the
    /// reason in words.
    ///
    /// Everything asked in one call is asked close together, but not at one moment: the journal may write between two
    /// questions. What must fit together (a state and its number) comes from one question.
    func reading<Value: Sendable>(
        within deadline: Duration = .seconds(30), on lane: BlockingLane? = nil,
        _ body: @escaping @Sendable (RunStore) throws(StoreError) -> Value
    ) async throws(Problem) -> Value {
        let store = store
        return try await (lane ?? reads).answer(within: deadline) { () throws(Problem) in
            do throws(StoreError) { return try body(store) } catch { throw Problem(error) }
        }
    }

    /// The group of a session, nil for one that does not exist. From memory where it can be: every request and every
    /// page asks for it.
    func group(of session: SessionID, within deadline: Duration = .seconds(30)) async throws(Problem) -> String? {
        if let known = groups.known(session) ?? engine.group(ofLiving: session) { return known }
        let groups = groups
        return try await reading(within: deadline) { store throws(StoreError) in try groups.group(of: session, in: store) }
    }

    /// Asks the engine. Its refusals are answers that the page shows as they are: most of them mean that somebody else
    /// was quicker.
    func asking<Value>(
        _ body: () async throws(EngineError) -> Value
    ) async throws(Problem) -> Value {
        do throws(EngineError) { return try await body() } catch { throw Problem(error) }
    }

    /// A stored status is shown only as far as a living run stands behind it. `wasLiving` is asked before the store was
    /// read, so that neither a run that has just begun nor one that has just ended shows as interrupted.
    ///
    /// A server that was killed leaves "running" in the store. The page would then offer Stop for a run that nobody
    /// carries out.
    func derived(_ status: SessionStatus, of session: SessionID, wasLiving: Bool) async -> SessionStatus {
        guard status.needsHolder, !wasLiving else { return status }
        return status.derived(holderLives: await engine.isLiving(session))
    }
}

/// The groups of sessions that were asked for: a session's group never changes.
final class SessionGroups: Sendable {
    private let groups = Mutex<[SessionID: String]>([:])
    private let limit: Int

    /// A server runs for months, and a session is asked for again for days. At this many it forgets them all, which
    /// costs one read each for those that are still asked for: cheaper than keeping track of which was used last.
    init(limit: Int = 2000) { self.limit = limit }

    var count: Int { groups.withLock(\.count) }

    /// Only for tests, which need a store that is slow just when a group is not known.
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

/// What `/metrics` counts: answers by status since the program began. Scrapers expect such counts to start again at 0 with it.
final class Counters: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func answered(_ status: Int) { counts.withLock { $0[status, default: 0] += 1 } }
    var byStatus: [(status: Int, count: Int)] { counts.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}
