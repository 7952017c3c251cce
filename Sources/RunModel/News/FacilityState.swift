/// The state of all microscopes and sessions: topic `facility`.
public struct FacilityState: LiveState {
    public struct MicroscopeEntry: Hashable, Sendable, Codable {
        public var microscope: MicroscopeDescription
        public var holder: LockHolder?
        public init(microscope: MicroscopeDescription, holder: LockHolder? = nil) {
            self.microscope = microscope
            self.holder = holder
        }
    }
    public struct SessionEntry: Hashable, Sendable, Codable {
        public var id: SessionID
        public var name: String
        public var group: String
        public var microscope: MicroscopeID
        public var createdAt: Timestamp
        public var status: SessionStatus
        public var grids: Int
        /// True where somebody put it out of the lists.
        public var archived: Bool?
        /// Nil but for a completed session that lacks something.
        public var shortfall: Shortfall?
    }
    /// By id.
    public var microscopes: [MicroscopeEntry]
    /// Newest first: every one whose run may be alive, and of the others the newest.
    public var sessions: [SessionEntry] = []
    /// True once there are sessions beside these. Nil for none.
    public var hasOlderSessions: Bool?

    /// Each page gets all of this when it opens, so it must not grow with the years.
    public static let sessionLimit = 200

    public init(microscopes: [MicroscopeDescription]) {
        self.microscopes = microscopes.sorted { $0.id < $1.id }.map { MicroscopeEntry(microscope: $0) }
    }

    public mutating func apply(_ stored: StoredEvent) {
        switch stored.event {
        case .sessionCreated(let news): add(news)
        case .lockTaken(let news): setHolder(news.holder, of: news.microscope)
        case .lockFreed(let news): setHolder(nil, of: news.microscope)
        case .runStarted: move(stored.session, to: .starting)
        case .runMoved(let news): move(stored.session, to: news.status)
        case .stopReceived: move(stored.session, to: .stopping)
        // The event that follows a stop taken back says where the run went.
        case .runStopped: move(stored.session, to: .stopped)
        case .runCompleted(let news): move(stored.session, to: .completed, shortfall: news.shortfall)
        case .runFailed: move(stored.session, to: .failed)
        case .runInterrupted: move(stored.session, to: .interrupted)
        case .runKilled: move(stored.session, to: .killed)
        case .gridAdded:
            guard let index = sessions.firstIndex(where: { $0.id == stored.session }) else { return }
            sessions[index].grids += 1
        case .sessionArchived(let news):
            guard let index = sessions.firstIndex(where: { $0.id == stored.session }) else { return }
            sessions[index].archived = news.archived ? true : nil
        case .stopCancelled, .startRefused, .shutdownBegan, .cassetteRead, .gridStarted, .gridMoved, .gridCompleted, .gridFailed,
            .loadBegan, .atlasAcquired, .gridPlaced, .squaresFound, .holesFound, .targetChanged, .exposureBegan, .exposureSaved,
            .exposureSettled,
            .micrographProcessed, .processingFailed, .settingsChanged, .gridChanged, .gridsOrdered, .gridNoted, .micrographRated,
            .queueChanged, .pauseBetweenGridsSet, .planSet, .promptRaised,
            .promptUpdated,
            .promptAnswered, .promptWithdrawn, .noticeRaised, .noticeCleared:
            break
        }
    }

    private mutating func add(_ news: SessionCreated) {
        let entry = SessionEntry(
            id: news.session.id, name: news.session.name, group: news.session.group, microscope: news.session.microscope,
            createdAt: news.session.createdAt, status: .ready, grids: news.grids.count)
        sessions.removeAll { $0.id == entry.id }
        sessions.insert(entry, at: 0)
        dropOldest()
        if !microscopes.contains(where: { $0.microscope.id == news.microscope.id }) {
            microscopes.append(MicroscopeEntry(microscope: news.microscope))
            microscopes.sort { $0.microscope.id < $1.microscope.id }
        }
    }

    private mutating func dropOldest() {
        while sessions.count > Self.sessionLimit, let oldest = sessions.lastIndex(where: { !$0.status.needsHolder }) {
            sessions.remove(at: oldest)
            hasOlderSessions = true
        }
    }

    private mutating func setHolder(_ holder: LockHolder?, of microscope: MicroscopeID) {
        guard let index = microscopes.firstIndex(where: { $0.microscope.id == microscope }) else { return }
        microscopes[index].holder = holder
    }

    private mutating func move(_ session: SessionID, to status: SessionStatus, shortfall: Shortfall? = nil) {
        guard let index = sessions.firstIndex(where: { $0.id == session }) else { return }
        sessions[index].status = status
        sessions[index].shortfall = shortfall
    }
}
