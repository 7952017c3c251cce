extension SessionState {
    mutating func applyGrid(_ stored: StoredEvent) {
        switch stored.event {
        case .gridStarted(let news):
            current = news.grid
            summary(of: news.grid) {
                $0.status = .loading
                $0.startedAt = $0.startedAt ?? stored.at
                $0.endedAt = nil
                $0.problem = nil
            }
        case .gridMoved(let news):
            summary(of: news.grid) {
                $0.status = news.status
                switch news.status {
                case .stopped, .aborted: $0.endedAt = stored.at
                case .waiting: ($0.endedAt, $0.problem) = (nil, nil)
                default: break
                }
            }
            if news.status == .aborted { (target, exposure) = (nil, nil) }
        case .gridCompleted(let news): end(news.grid, as: .completed, problem: news.problem, at: stored.at)
        case .gridFailed(let news): end(news.grid, as: .failed, problem: news.sentence, at: stored.at)
        case .gridNoted(let news): summary(of: news.grid) { $0.quality = news.quality }
        case .atlasAcquired(let news):
            summary(of: news.grid) { ($0.hasAtlas, $0.isSearched) = (true, false) }
            last.atlas = LastImages.Atlas(grid: news.grid, at: stored.at, squares: 0)
        case .squaresFound(let news):
            summary(of: news.grid) { ($0.squaresFound, $0.isSearched) = (news.squares.count, true) }
            if last.atlas?.grid == news.grid { last.atlas?.squares = news.squares.count }
        case .holesFound(let news):
            if last.square?.target == news.square { last.square?.found = news.holes.count }
        case .targetChanged(let news): applyTarget(news, at: stored.at)
        default: break
        }
    }

    private mutating func end(_ grid: GridID, as status: GridStatus, problem: String?, at moment: Timestamp) {
        summary(of: grid) {
            $0.status = status
            $0.endedAt = moment
            $0.problem = problem
        }
        target = nil
        exposure = nil
    }

    private mutating func applyTarget(_ news: TargetChanged, at moment: Timestamp) {
        if news.status == .acquiring {
            target = news.target
        } else if target == news.target, news.status != .acquiring {
            target = nil
        }
        if news.image != nil {
            let map = LastImages.Map(target: news.target, at: moment, found: 0)
            if news.target.kind == .square { last.square = map } else { last.hole = map }
        }
        guard news.status == .acquired else { return }
        count(news.target, by: 1)
        if news.target.kind == .hole { Self.note(moment, in: &holeTimes) }
    }

    /// What is wanted once more is done no longer, until it is done again or leaves the queue.
    mutating func applyQueue(_ change: QueueChanged) {
        queue.apply(change)
        for item in change.added where item.again == true { count(item.id, by: -1) }
        for id in change.kept ?? [] { count(id, by: 1) }
    }

    private mutating func count(_ target: TargetID, by step: Int) {
        summary(of: target.grid) {
            if target.kind == .square { $0.squaresDone += step } else { $0.holesDone += step }
        }
    }

    mutating func applyExposure(_ stored: StoredEvent) {
        switch stored.event {
        case .exposureBegan(let news):
            exposure = ExposureUnderWay(
                micrograph: news.micrograph.id, number: news.micrograph.id.number, of: news.of, begunAt: stored.at,
                expectedSeconds: news.expectedSeconds)
        case .exposureSaved(let news): noteImage(of: news.micrograph, at: stored.at)
        case .exposureSettled(let news):
            if news.outcome == .saved {
                noteImage(of: news.micrograph, at: stored.at)
            } else if exposure?.micrograph == news.micrograph {
                exposure = nil
            }
        case .micrographProcessed(let news):
            summary(of: news.micrograph.grid) { $0.fits.append(news.measurement.ctf?.fitResolution ?? 0) }
            last.highMag = LastImages.HighMag(
                micrograph: news.micrograph, at: stored.at, targetDefocus: news.targetDefocus, measurement: news.measurement)
        default: break
        }
    }

    private mutating func noteImage(of micrograph: MicrographID, at moment: Timestamp) {
        if exposure?.micrograph == micrograph { exposure = nil }
        summary(of: micrograph.grid) { $0.images += 1 }
        Self.note(moment, in: &imageTimes)
    }

    private mutating func summary(of grid: GridID, _ change: (inout GridSummary) -> Void) {
        guard let index = grids.firstIndex(where: { $0.grid.id == grid }) else { return }
        change(&grids[index])
    }

    /// Keeps an hour, and never more than 600 moments.
    private static func note(_ moment: Timestamp, in times: inout [Timestamp]) {
        times.append(moment)
        times.removeAll { moment.seconds(since: $0) > 3600 }
        if times.count > 600 { times.removeFirst(times.count - 600) }
    }
}
