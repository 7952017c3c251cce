/// What happened: stored, numbered, never lost. Every message is documented with an example in `docs/push.md`.
public enum RunEvent: Hashable, Sendable {
    case sessionCreated(SessionCreated)
    case runStarted(RunStarted)
    case runMoved(RunMoved)
    case startRefused(StartRefused)
    case stopReceived(Asked)
    case stopCancelled(Asked)
    case shutdownBegan(Nothing)
    case runStopped(Asked)
    case runCompleted(RunCompleted)
    case runFailed(Failure)
    case runInterrupted(RunInterrupted)
    case runKilled(RunKilled)

    case cassetteRead(CassetteRead)
    case gridStarted(GridNamed)
    case gridMoved(GridMoved)
    case gridCompleted(GridNamed)
    case gridFailed(GridFailed)
    case atlasAcquired(AtlasAcquired)
    case squaresFound(SquaresFound)
    case holesFound(HolesFound)
    case targetChanged(TargetChanged)

    case exposureBegan(ExposureBegan)
    case exposureSaved(ExposureSaved)
    case exposureSettled(ExposureSettled)
    case micrographProcessed(MicrographProcessed)
    case processingFailed(ProcessingFailed)

    case queueChanged(QueueChanged)
    case pauseBetweenGridsSet(PauseBetweenGridsSet)
    case promptRaised(Prompt)
    case promptUpdated(Prompt)
    case promptAnswered(PromptAnswered)
    case promptWithdrawn(PromptWithdrawn)
    case lockTaken(LockTaken)
    case lockFreed(LockFreed)
    case noticeRaised(Notice)
    case noticeCleared(NoticeCleared)
}

/// An event as it is kept: `seq` is one counter for the whole store.
public struct StoredEvent: Hashable, Sendable {
    public var seq: Int64
    public var at: Timestamp
    /// The session it belongs to.
    public var session: SessionID
    public var event: RunEvent
    public var command: CommandID?

    public init(seq: Int64, at: Timestamp, session: SessionID, event: RunEvent, command: CommandID? = nil) {
        self.seq = seq
        self.at = at
        self.session = session
        self.event = event
        self.command = command
    }

    /// Where it is told, always in the same order.
    public var topics: [Topic] {
        var topics: [Topic] = [.session(session)]
        if let grid = event.grid { topics.append(.grid(grid)) }
        if event.concernsFacility { topics.append(.facility) }
        return topics
    }
}

extension RunEvent {
    /// The grid whose report it changes.
    public var grid: GridID? {
        switch self {
        case .gridStarted(let news), .gridCompleted(let news): news.grid
        case .gridMoved(let news): news.grid
        case .gridFailed(let news): news.grid
        case .atlasAcquired(let news): news.grid
        case .squaresFound(let news): news.grid
        case .holesFound(let news): news.square.grid
        case .targetChanged(let news): news.target.grid
        case .exposureBegan(let news): news.micrograph.id.grid
        case .exposureSaved(let news): news.micrograph.grid
        case .exposureSettled(let news): news.micrograph.grid
        case .micrographProcessed(let news): news.micrograph.grid
        case .processingFailed(let news): news.micrograph?.grid ?? news.target?.grid ?? news.grid
        case .queueChanged(let news): news.grid
        case .sessionCreated, .runStarted, .runMoved, .startRefused, .stopReceived, .stopCancelled, .shutdownBegan, .runStopped,
            .runCompleted, .runFailed, .runInterrupted, .runKilled, .cassetteRead, .pauseBetweenGridsSet, .promptRaised,
            .promptUpdated,
            .promptAnswered, .promptWithdrawn, .lockTaken, .lockFreed, .noticeRaised, .noticeCleared:
            nil
        }
    }

    /// What the list of sessions and microscopes shows.
    public var concernsFacility: Bool {
        switch self {
        case .sessionCreated, .runStarted, .runMoved, .stopReceived, .stopCancelled, .runStopped, .runCompleted, .runFailed,
            .runInterrupted, .runKilled, .lockTaken, .lockFreed:
            true
        default: false
        }
    }
}
