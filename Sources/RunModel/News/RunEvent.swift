/// What happened: stored, numbered, never lost. Every message is documented with an example in `docs/push.md`.
///
/// All that must know every event is in this file, and each `switch` without `default` refuses to compile without a new one. What an event
/// says is a struct in `RunNews` or `SampleNews`; what it changes on a page, `SessionState` and `GridState` fold.
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
    case gridCompleted(GridCompleted)
    case gridFailed(GridFailed)
    case loadBegan(GridNamed)
    case atlasAcquired(AtlasAcquired)
    case gridPlaced(GridPlaced)
    case squaresFound(SquaresFound)
    case holesFound(HolesFound)
    case targetChanged(TargetChanged)

    case exposureBegan(ExposureBegan)
    case exposureSaved(ExposureSaved)
    case exposureSettled(ExposureSettled)
    case micrographProcessed(MicrographProcessed)
    case processingFailed(ProcessingFailed)

    case settingsChanged(SettingsChanged)
    case sessionArchived(SessionArchived)
    case gridAdded(GridDescribed)
    case gridChanged(GridDescribed)
    case gridsOrdered(GridsOrdered)
    case gridNoted(GridNoted)
    case micrographRated(MicrographRated)

    case queueChanged(QueueChanged)
    case pauseBetweenGridsSet(PauseBetweenGridsSet)
    case planSet(PlanSet)
    case promptRaised(Prompt)
    case promptUpdated(Prompt)
    case promptAnswered(PromptAnswered)
    case promptWithdrawn(PromptWithdrawn)
    case lockTaken(LockTaken)
    case lockFreed(LockFreed)
    case noticeRaised(Notice)
    case noticeCleared(NoticeCleared)
}

extension RunEvent {
    /// The grid whose report it changes.
    public var grid: GridID? {
        switch self {
        case .gridStarted(let news): news.grid
        case .gridCompleted(let news): news.grid
        case .gridMoved(let news): news.grid
        case .gridFailed(let news): news.grid
        case .loadBegan(let news): news.grid
        case .atlasAcquired(let news): news.grid
        case .gridPlaced(let news): news.grid
        case .squaresFound(let news): news.grid
        case .holesFound(let news): news.square.grid
        case .targetChanged(let news): news.target.grid
        case .exposureBegan(let news): news.micrograph.id.grid
        case .exposureSaved(let news): news.micrograph.grid
        case .exposureSettled(let news): news.micrograph.grid
        case .micrographProcessed(let news): news.micrograph.grid
        case .processingFailed(let news): news.micrograph?.grid ?? news.target?.grid ?? news.grid
        case .gridAdded(let news): news.grid.id
        case .gridChanged(let news): news.grid.id
        case .gridNoted(let news): news.grid
        case .micrographRated(let news): news.micrograph.grid
        case .queueChanged(let news): news.grid
        case .sessionCreated, .runStarted, .runMoved, .startRefused, .stopReceived, .stopCancelled, .shutdownBegan, .runStopped,
            .runCompleted, .runFailed, .runInterrupted, .runKilled, .cassetteRead, .settingsChanged, .sessionArchived,
            .gridsOrdered,
            .pauseBetweenGridsSet, .planSet, .promptRaised, .promptUpdated,
            .promptAnswered, .promptWithdrawn, .lockTaken, .lockFreed, .noticeRaised, .noticeCleared:
            nil
        }
    }

    /// What the list of sessions and microscopes shows.
    public var concernsFacility: Bool {
        switch self {
        case .sessionCreated, .runStarted, .runMoved, .stopReceived, .stopCancelled, .runStopped, .runCompleted, .runFailed,
            .runInterrupted, .runKilled, .sessionArchived, .gridAdded, .lockTaken, .lockFreed:
            true
        case .startRefused, .shutdownBegan, .cassetteRead, .gridStarted, .gridMoved, .gridCompleted, .gridFailed, .loadBegan,
            .atlasAcquired, .gridPlaced,
            .squaresFound, .holesFound, .targetChanged, .exposureBegan, .exposureSaved, .exposureSettled, .micrographProcessed,
            .processingFailed, .settingsChanged, .gridChanged, .gridsOrdered, .gridNoted, .micrographRated, .queueChanged,
            .pauseBetweenGridsSet, .planSet, .promptRaised,
            .promptUpdated, .promptAnswered, .promptWithdrawn, .noticeRaised, .noticeCleared:
            false
        }
    }
}

extension RunEvent.Kind {
    /// Whether nothing is being done any more after it.
    public var endsRun: Bool {
        switch self {
        case .runStopped, .runCompleted, .runFailed, .runInterrupted, .runKilled: true
        case .sessionCreated, .runStarted, .runMoved, .startRefused, .stopReceived, .stopCancelled, .shutdownBegan, .cassetteRead,
            .gridStarted, .gridMoved, .gridCompleted, .gridFailed, .loadBegan, .atlasAcquired, .gridPlaced, .squaresFound,
            .holesFound,
            .targetChanged, .exposureBegan, .exposureSaved, .exposureSettled, .micrographProcessed, .processingFailed,
            .settingsChanged, .sessionArchived, .gridAdded, .gridChanged, .gridsOrdered, .gridNoted, .micrographRated,
            .queueChanged,
            .pauseBetweenGridsSet, .planSet, .promptRaised, .promptUpdated, .promptAnswered, .promptWithdrawn, .lockTaken,
            .lockFreed,
            .noticeRaised, .noticeCleared:
            false
        }
    }
}

// The wire form of an event: a type and its data. Written out, so that a renamed case cannot rename what is stored.

extension RunEvent {
    /// Its name on the wire and in the store.
    public enum Kind: String, CaseIterable, Sendable {
        case sessionCreated, runStarted, runMoved, startRefused, stopReceived, stopCancelled, shutdownBegan, runStopped,
            runCompleted, runFailed, runInterrupted, runKilled, cassetteRead, gridStarted, gridMoved, gridCompleted,
            gridFailed, loadBegan, atlasAcquired, gridPlaced, squaresFound, holesFound, targetChanged, exposureBegan,
            exposureSaved, exposureSettled,
            micrographProcessed, processingFailed, settingsChanged, sessionArchived, gridAdded, gridChanged, gridsOrdered,
            gridNoted, micrographRated, queueChanged, pauseBetweenGridsSet, planSet, promptRaised, promptUpdated,
            promptAnswered, promptWithdrawn, lockTaken, lockFreed, noticeRaised, noticeCleared
    }

    /// What happened, without what it says.
    public var kind: Kind {
        switch self {
        case .sessionCreated: .sessionCreated
        case .runStarted: .runStarted
        case .runMoved: .runMoved
        case .startRefused: .startRefused
        case .stopReceived: .stopReceived
        case .stopCancelled: .stopCancelled
        case .shutdownBegan: .shutdownBegan
        case .runStopped: .runStopped
        case .runCompleted: .runCompleted
        case .runFailed: .runFailed
        case .runInterrupted: .runInterrupted
        case .runKilled: .runKilled
        case .cassetteRead: .cassetteRead
        case .gridStarted: .gridStarted
        case .gridMoved: .gridMoved
        case .gridCompleted: .gridCompleted
        case .gridFailed: .gridFailed
        case .loadBegan: .loadBegan
        case .atlasAcquired: .atlasAcquired
        case .gridPlaced: .gridPlaced
        case .squaresFound: .squaresFound
        case .holesFound: .holesFound
        case .targetChanged: .targetChanged
        case .exposureBegan: .exposureBegan
        case .exposureSaved: .exposureSaved
        case .exposureSettled: .exposureSettled
        case .micrographProcessed: .micrographProcessed
        case .processingFailed: .processingFailed
        case .settingsChanged: .settingsChanged
        case .sessionArchived: .sessionArchived
        case .gridAdded: .gridAdded
        case .gridChanged: .gridChanged
        case .gridsOrdered: .gridsOrdered
        case .gridNoted: .gridNoted
        case .micrographRated: .micrographRated
        case .queueChanged: .queueChanged
        case .pauseBetweenGridsSet: .pauseBetweenGridsSet
        case .planSet: .planSet
        case .promptRaised: .promptRaised
        case .promptUpdated: .promptUpdated
        case .promptAnswered: .promptAnswered
        case .promptWithdrawn: .promptWithdrawn
        case .lockTaken: .lockTaken
        case .lockFreed: .lockFreed
        case .noticeRaised: .noticeRaised
        case .noticeCleared: .noticeCleared
        }
    }

    /// Its kind, as it is written.
    public var type: String { kind.rawValue }

    /// What it says, for encoding.
    public var data: any Encodable & Sendable {
        switch self {
        case .sessionCreated(let news): news
        case .runStarted(let news): news
        case .runMoved(let news): news
        case .startRefused(let news): news
        case .stopReceived(let news): news
        case .stopCancelled(let news): news
        case .shutdownBegan(let news): news
        case .runStopped(let news): news
        case .runCompleted(let news): news
        case .runFailed(let news): news
        case .runInterrupted(let news): news
        case .runKilled(let news): news
        case .cassetteRead(let news): news
        case .gridStarted(let news): news
        case .gridMoved(let news): news
        case .gridCompleted(let news): news
        case .gridFailed(let news): news
        case .loadBegan(let news): news
        case .atlasAcquired(let news): news
        case .gridPlaced(let news): news
        case .squaresFound(let news): news
        case .holesFound(let news): news
        case .targetChanged(let news): news
        case .exposureBegan(let news): news
        case .exposureSaved(let news): news
        case .exposureSettled(let news): news
        case .micrographProcessed(let news): news
        case .processingFailed(let news): news
        case .settingsChanged(let news): news
        case .sessionArchived(let news): news
        case .gridAdded(let news): news
        case .gridChanged(let news): news
        case .gridsOrdered(let news): news
        case .gridNoted(let news): news
        case .micrographRated(let news): news
        case .queueChanged(let news): news
        case .pauseBetweenGridsSet(let news): news
        case .planSet(let news): news
        case .promptRaised(let news): news
        case .promptUpdated(let news): news
        case .promptAnswered(let news): news
        case .promptWithdrawn(let news): news
        case .lockTaken(let news): news
        case .lockFreed(let news): news
        case .noticeRaised(let news): news
        case .noticeCleared(let news): news
        }
    }

    /// Reads the data of an event of this type; nil for a type that is not known.
    public init?(type: String, from data: any EventData) throws {
        guard let kind = Kind(rawValue: type) else { return nil }
        switch kind {
        case .sessionCreated: self = .sessionCreated(try data.decode(SessionCreated.self))
        case .runStarted: self = .runStarted(try data.decode(RunStarted.self))
        case .runMoved: self = .runMoved(try data.decode(RunMoved.self))
        case .startRefused: self = .startRefused(try data.decode(StartRefused.self))
        case .stopReceived: self = .stopReceived(try data.decode(Asked.self))
        case .stopCancelled: self = .stopCancelled(try data.decode(Asked.self))
        case .shutdownBegan: self = .shutdownBegan(try data.decode(Nothing.self))
        case .runStopped: self = .runStopped(try data.decode(Asked.self))
        case .runCompleted: self = .runCompleted(try data.decode(RunCompleted.self))
        case .runFailed: self = .runFailed(try data.decode(Failure.self))
        case .runInterrupted: self = .runInterrupted(try data.decode(RunInterrupted.self))
        case .runKilled: self = .runKilled(try data.decode(RunKilled.self))
        case .cassetteRead: self = .cassetteRead(try data.decode(CassetteRead.self))
        case .gridStarted: self = .gridStarted(try data.decode(GridNamed.self))
        case .gridMoved: self = .gridMoved(try data.decode(GridMoved.self))
        case .gridCompleted: self = .gridCompleted(try data.decode(GridCompleted.self))
        case .gridFailed: self = .gridFailed(try data.decode(GridFailed.self))
        case .loadBegan: self = .loadBegan(try data.decode(GridNamed.self))
        case .atlasAcquired: self = .atlasAcquired(try data.decode(AtlasAcquired.self))
        case .gridPlaced: self = .gridPlaced(try data.decode(GridPlaced.self))
        case .squaresFound: self = .squaresFound(try data.decode(SquaresFound.self))
        case .holesFound: self = .holesFound(try data.decode(HolesFound.self))
        case .targetChanged: self = .targetChanged(try data.decode(TargetChanged.self))
        case .exposureBegan: self = .exposureBegan(try data.decode(ExposureBegan.self))
        case .exposureSaved: self = .exposureSaved(try data.decode(ExposureSaved.self))
        case .exposureSettled: self = .exposureSettled(try data.decode(ExposureSettled.self))
        case .micrographProcessed: self = .micrographProcessed(try data.decode(MicrographProcessed.self))
        case .processingFailed: self = .processingFailed(try data.decode(ProcessingFailed.self))
        case .settingsChanged: self = .settingsChanged(try data.decode(SettingsChanged.self))
        case .sessionArchived: self = .sessionArchived(try data.decode(SessionArchived.self))
        case .gridAdded: self = .gridAdded(try data.decode(GridDescribed.self))
        case .gridChanged: self = .gridChanged(try data.decode(GridDescribed.self))
        case .gridsOrdered: self = .gridsOrdered(try data.decode(GridsOrdered.self))
        case .gridNoted: self = .gridNoted(try data.decode(GridNoted.self))
        case .micrographRated: self = .micrographRated(try data.decode(MicrographRated.self))
        case .queueChanged: self = .queueChanged(try data.decode(QueueChanged.self))
        case .pauseBetweenGridsSet: self = .pauseBetweenGridsSet(try data.decode(PauseBetweenGridsSet.self))
        case .planSet: self = .planSet(try data.decode(PlanSet.self))
        case .promptRaised: self = .promptRaised(try data.decode(Prompt.self))
        case .promptUpdated: self = .promptUpdated(try data.decode(Prompt.self))
        case .promptAnswered: self = .promptAnswered(try data.decode(PromptAnswered.self))
        case .promptWithdrawn: self = .promptWithdrawn(try data.decode(PromptWithdrawn.self))
        case .lockTaken: self = .lockTaken(try data.decode(LockTaken.self))
        case .lockFreed: self = .lockFreed(try data.decode(LockFreed.self))
        case .noticeRaised: self = .noticeRaised(try data.decode(Notice.self))
        case .noticeCleared: self = .noticeCleared(try data.decode(NoticeCleared.self))
        }
    }
}
