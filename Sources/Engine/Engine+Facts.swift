import Microscope
import RunModel
import Store

/// What the staff's dialogs show, read anew each time.
public struct StaffFacts: Sendable, Hashable, Codable {
    public struct Process: Sendable, Hashable, Codable {
        /// The server's, and so that of every session: ending it ends all of them.
        public var pid: Int?
        /// Which run of the session's microscope it is.
        public var run: Int?
        public var alive: Bool
        public var startedAt: Timestamp?
    }
    public struct Lock: Sendable, Hashable, Codable {
        public var held: Bool
        public var living: Bool
        public var session: SessionID?
        public var sessionName: String?
        public var person: String?
        public var since: Timestamp?
        /// Whether the lock file is there.
        public var file: Bool
    }
    /// Whether a staff act is possible now, and why not.
    public struct Act: Sendable, Hashable, Codable {
        public var allowed: Bool
        public var sentence: String
    }
    public var recordedStatus: SessionStatus
    public var process: Process
    public var lock: Lock
    public var workers: Int
    public var forceStart: Act
    public var removeLock: Act
    public var forceKill: Act
}

extension Engine {
    public func staffFacts(_ id: SessionID) async throws(EngineError) -> StaffFacts {
        // A status that was changed behind the engine's back is seen; a living run's is its own.
        if !isLiving(id) { journal.reread(id) }
        let state = try await session(id).state()
        let lock = lock(of: state.session.microscope)
        let living = await lock.living?.holder
        let file = await lock.inspectFile()
        let stored = try journal.asking { store throws(StoreError) in try store.holder(of: state.session.microscope) }
        let holder = living ?? file.holder ?? stored
        let isAlive = isLiving(id)
        return StaffFacts(
            recordedStatus: state.status,
            process: .init(pid: state.process.pid, run: state.process.epoch, alive: isAlive, startedAt: state.process.startedAt),
            lock: .init(
                held: holder != nil || file != .none, living: living != nil, session: holder?.session,
                sessionName: holder?.sessionName,
                person: holder?.person, since: holder?.startedAt, file: file != .none),
            workers: await pipeline.workers(of: id),
            forceStart: Self.forceStart(
                state, living: living, claim: await lock.shownClaim, isAlive: isAlive,
                refusal: try await session(id).refusalOfStart(state)),
            removeLock: Self.removeLock(living: living, isHeld: holder != nil || file != .none, file),
            forceKill: isAlive
                ? .init(allowed: true, sentence: "Use Stop unless this is an emergency.")
                : .init(allowed: state.status.needsHolder, sentence: "No process of this session is alive."))
    }

    private static func forceStart(
        _ state: SessionState, living: LockHolder?, claim: ScopeClaim?, isAlive: Bool, refusal: EngineError?
    ) -> StaffFacts.Act {
        if isAlive { return .init(allowed: false, sentence: "Not needed now: the run is alive and answering.") }
        if let living { return .init(allowed: false, sentence: "A living run holds this microscope: \(living.sessionName).") }
        if let claim {
            return .init(
                allowed: true, sentence: "Takes the microscope from \(claim.person)'s run, of the server on \(claim.host).")
        }
        if state.status.needsHolder { return .init(allowed: true, sentence: "The recorded status has no living run behind it.") }
        if let refusal { return .init(allowed: false, sentence: refusal.sentence) }
        return .init(allowed: true, sentence: "Start does the same here.")
    }

    private static func removeLock(living: LockHolder?, isHeld: Bool, _ file: ScopeLock.Finding) -> StaffFacts.Act {
        if living != nil {
            return .init(allowed: false, sentence: "A living run holds this lock. Stop it or force-kill it first.")
        }
        switch file {
        case .obstructed(let path):
            return .init(allowed: true, sentence: "No file stands in its place, but something else. It is moved aside: \(path).")
        case .closed(let path, let reason):
            return .init(
                allowed: true,
                sentence: "It cannot be read (\(reason)), so nobody can tell whose it is. It is moved aside: \(path).")
        case .none, .stale, .foreign, .couldNotLook: break
        }
        return isHeld
            ? .init(allowed: true, sentence: "The run that held it is gone.")
            : .init(allowed: false, sentence: "Not needed now: there is no lock.")
    }
}

extension ScopeLock.Finding {
    var holder: LockHolder? {
        switch self {
        case .none, .obstructed, .closed, .couldNotLook: nil
        case .stale(let holder): holder
        case .foreign(let holder): holder
        }
    }
}
