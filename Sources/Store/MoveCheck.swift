import RunModel

/// What an event moves, checked against where it stands. An event that would move something in a way its status does not list
/// is refused before it is told to anyone.
extension RunEvent {
    /// True for the events that say where the session's run stands.
    var movesSession: Bool {
        switch self {
        case .runStarted, .runMoved, .stopReceived, .stopCancelled, .runStopped, .runCompleted, .runFailed, .runInterrupted,
            .runKilled:
            true
        default: false
        }
    }

    /// `from` is the stored status, `to` what the event makes of it.
    func checkSessionMove(_ session: SessionID, from: SessionStatus, to: SessionStatus) throws(StoreError) {
        switch self {
        // What was found to be true is written down whatever the stored status says; staff may override one.
        case .runInterrupted, .runKilled: return
        case .runStarted(let news) where news.forced: return
        // After a stop was taken back this repeats where the run is, for the list of sessions.
        case .runMoved where from == to: return
        default: try move("Session \(session)", from: from, to: to)
        }
    }

    func checkGridMoves(in grid: GridState) throws(StoreError) {
        switch self {
        case .gridStarted: try checkGrid(grid, to: .loading)
        case .gridMoved(let news): try checkGrid(grid, to: news.status)
        case .gridCompleted: try checkGrid(grid, to: .completed)
        case .gridFailed: try checkGrid(grid, to: .failed)
        case .holesFound(let news): _ = try grid.status(of: news.square)
        case .targetChanged(let news): try checkTarget(news.target, in: grid, through: [news.status])
        case .queueChanged(let news): try checkQueue(news, in: grid)
        default: try checkMicrographMoves(in: grid)
        }
    }

    private func checkGrid(_ grid: GridState, to next: GridStatus) throws(StoreError) {
        try move("Grid \(grid.grid.name)", from: grid.status, to: next)
    }

    private func checkQueue(_ news: QueueChanged, in grid: GridState) throws(StoreError) {
        for id in news.removed { try checkTarget(id, in: grid, through: [news.status(ofRemoved: id)]) }
        for item in news.added { try checkTarget(item.id, in: grid, through: item.isSkipped ? [.queued, .skipped] : [.queued]) }
        // Items added by this same change are queued by now.
        let added = Set(news.added.map(\.id))
        for id in news.skipped where !added.contains(id) { try checkTarget(id, in: grid, through: [.skipped]) }
        for id in news.unskipped where !added.contains(id) { try checkTarget(id, in: grid, through: [.queued]) }
    }

    /// A target may be told again where it stands: with its image, or the place where it was found again.
    private func checkTarget(_ target: TargetID, in grid: GridState, through path: [TargetStatus]) throws(StoreError) {
        var status = try grid.status(of: target)
        for next in path where status != next {
            try move("Target \(target)", from: status, to: next)
            status = next
        }
    }

    private func checkMicrographMoves(in grid: GridState) throws(StoreError) {
        switch self {
        // Whether it may begin is the dose ledger's to say.
        case .exposureBegan(let news): _ = try grid.status(of: news.micrograph.id.hole)
        case .micrographRated(let news):
            guard grid.micrograph(news.micrograph) != nil else { throw .unknown("micrograph \(news.micrograph)") }
        case .exposureSaved(let news): try checkMicrograph(news.micrograph, in: grid, to: .saved)
        case .exposureSettled(let news): try checkMicrograph(news.micrograph, in: grid, to: news.outcome.status)
        case .micrographProcessed(let news): try checkMicrograph(news.micrograph, in: grid, to: .processed)
        case .processingFailed(let news):
            guard let micrograph = news.micrograph else { return }
            try checkMicrograph(micrograph, in: grid, to: .unprocessable)
        default: break
        }
    }

    private func checkMicrograph(_ id: MicrographID, in grid: GridState, to next: MicrographStatus) throws(StoreError) {
        guard let status = grid.micrograph(id)?.status else { throw .unknown("micrograph \(id)") }
        try move("Micrograph \(id)", from: status, to: next)
    }

    private func move<S: Status>(_ what: String, from: S, to next: S) throws(StoreError) {
        var status = from
        do { try status.move(to: next) } catch { throw .illegalMove(of: what, error) }
    }
}

extension ExposureSettled.Outcome {
    /// Where the micrograph stands afterwards.
    var status: MicrographStatus {
        switch self {
        case .saved: .saved
        case .notTaken, .again: .notTaken
        case .unknown: .unknown
        case .left: .left
        }
    }
}

extension GridState {
    fileprivate func status(of id: TargetID) throws(StoreError) -> TargetStatus {
        guard let target = target(id) else { throw .unknown("target \(id)") }
        return target.status
    }
}
