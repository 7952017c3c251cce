/// The grid report's state: topic `grid/ID`.
public struct GridState: LiveState {
    public var grid: Grid
    public var sessionName: String
    public var group: String
    public var microscope: String
    public var detector: String
    public var fitLimit: Double
    public var status: GridStatus = .waiting
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var problem: String?
    public var atlas: MapImage?
    /// It was loaded since it was mapped, and nobody has looked yet how it lies.
    public var awaitsMatch = false
    /// How it lies against its atlas; nil for one that was not loaded again since.
    public var placement: GridPlacement?
    /// How well the two matched when that was found, and when.
    public var matchScore: Double?
    public var placedAt: Timestamp?
    /// What people think of it; nil where nobody has said.
    public var notes: GridNotes?
    /// In the order of their numbers.
    public var squares: [Target] = []
    /// Square by square, in the order of their numbers.
    public var holes: [Target] = []
    /// In the order they were begun.
    public var micrographs: [Micrograph] = []

    public init(_ grid: Grid, of created: SessionCreated) {
        self.grid = grid
        sessionName = created.session.name
        group = created.session.group
        microscope = created.microscope.name
        detector = created.detector.name
        fitLimit = created.session.settings.fitLimit
    }

    public func target(_ id: TargetID) -> Target? { (id.kind == .square ? squares : holes).first { $0.id == id } }
    /// Of a hole: what was saved, left, is open or unknown may all have exposed it.
    public func exposuresTaken(of hole: TargetID) -> Int { micrographs.count { $0.id.hole == hole && $0.status != .notTaken } }
    public func micrograph(_ id: MicrographID) -> Micrograph? { micrographs.last { $0.id == id } }

    public mutating func apply(_ stored: StoredEvent) {
        switch stored.event {
        case .gridStarted:
            status = .loading
            startedAt = startedAt ?? stored.at
            endedAt = nil
            problem = nil
        case .gridMoved(let news):
            status = news.status
            switch news.status {
            case .stopped, .aborted: endedAt = stored.at
            case .waiting: (endedAt, problem) = (nil, nil)
            default: break
            }
        case .gridCompleted(let news): end(as: .completed, problem: news.problem, at: stored.at)
        case .gridFailed(let news): end(as: .failed, problem: news.sentence, at: stored.at)
        case .atlasAcquired(let news):
            atlas = news.image
            (awaitsMatch, placement, matchScore, placedAt) = (false, nil, nil, nil)
        case .loadBegan: awaitsMatch = atlas != nil
        case .gridPlaced(let news): place(news, at: stored.at)
        case .squaresFound(let news): squares = news.squares
        case .holesFound(let news):
            holes.removeAll { $0.id.square == news.square }
            holes += news.holes
        case .targetChanged(let news): apply(news)
        case .queueChanged(let news): apply(news)
        case .exposureBegan, .exposureSaved, .exposureSettled, .micrographProcessed, .processingFailed, .micrographRated:
            applyMicrograph(stored)
        case .gridChanged(let news): grid = news.grid
        case .gridNoted(let news): notes = news.isEmpty ? nil : GridNotes(news, at: stored.at)
        case .sessionCreated, .runStarted, .runMoved, .startRefused, .stopReceived, .stopCancelled, .shutdownBegan, .runStopped,
            .runCompleted, .runFailed, .runInterrupted, .runKilled, .cassetteRead, .settingsChanged, .sessionArchived, .gridAdded,
            .gridsOrdered,
            .pauseBetweenGridsSet, .planSet, .promptRaised,
            .promptUpdated, .promptAnswered, .promptWithdrawn, .lockTaken, .lockFreed, .noticeRaised, .noticeCleared:
            break
        }
    }

    private mutating func end(as status: GridStatus, problem: String?, at moment: Timestamp) {
        self.status = status
        self.problem = problem
        endedAt = moment
    }

    /// Places that were found since the last load have moved with those before.
    private mutating func place(_ news: GridPlaced, at moment: Timestamp) {
        if let square = news.square {
            for index in squares.indices where squares[index].id == square { squares[index].move(by: news.placement) }
            for index in holes.indices where holes[index].id.square == square { holes[index].move(by: news.placement) }
            return
        }
        let step = (placement ?? .unmoved).leading(to: news.placement)
        for index in squares.indices { squares[index].move(by: step) }
        for index in holes.indices { holes[index].move(by: step) }
        (awaitsMatch, placement, matchScore, placedAt) = (false, news.placement, news.score, moment)
    }

    private mutating func apply(_ news: TargetChanged) {
        change(news.target) {
            $0.status = news.status
            $0.image = news.image ?? $0.image
            $0.stage = news.stage ?? $0.stage
            $0.offset = news.offset ?? $0.offset
            $0.problem = news.problem
        }
    }

    /// Queued and skipped are said once, by the queue.
    private mutating func apply(_ news: QueueChanged) {
        for item in news.added {
            let taken = exposuresTaken(of: item.id)
            change(item.id) {
                $0.status = item.isSkipped ? .skipped : .queued
                if item.id.kind == .hole { $0.exposures = taken + item.exposures }
            }
        }
        for id in news.removed { change(id) { $0.status = news.status(ofRemoved: id) } }
        for id in news.skipped { change(id) { $0.status = .skipped } }
        for id in news.unskipped { change(id) { $0.status = .queued } }
    }

    private mutating func change(_ target: TargetID, _ body: (inout Target) -> Void) {
        if target.kind == .square {
            guard let index = squares.firstIndex(where: { $0.id == target }) else { return }
            body(&squares[index])
        } else {
            guard let index = holes.firstIndex(where: { $0.id == target }) else { return }
            body(&holes[index])
        }
    }
}

extension Target {
    /// With the middle of its own image, which lies on the same specimen.
    fileprivate mutating func move(by step: GridPlacement) {
        stage = step.place(stage)
        if let centre = image?.centre { image?.centre = step.place(centre) }
    }
}
