extension SessionState {
    public mutating func apply(_ stored: StoredEvent) {
        switch stored.event {
        case .sessionCreated, .startRefused, .lockTaken, .lockFreed: break
        case .loadBegan, .gridPlaced, .micrographRated: break
        case .gridStarted, .gridMoved, .gridCompleted, .gridFailed, .gridNoted, .atlasAcquired, .squaresFound, .holesFound,
            .targetChanged:
            applyGrid(stored)
        case .exposureBegan, .exposureSaved, .exposureSettled, .micrographProcessed, .processingFailed:
            applyExposure(stored)
        case .cassetteRead(let news): cassette = Cassette(slots: news.slots, at: stored.at, by: news.by)
        case .queueChanged(let change): applyQueue(change)
        case .settingsChanged(let news): session.settings = news.settings
        case .sessionArchived(let news): archived = news.archived ? true : nil
        case .gridAdded(let news): grids.append(GridSummary(news.grid))
        case .gridChanged(let news):
            if let index = grids.firstIndex(where: { $0.grid.id == news.grid.id }) { grids[index].grid = news.grid }
        case .gridsOrdered(let news): grids = news.order.compactMap { id in grids.first { $0.grid.id == id } }
        case .pauseBetweenGridsSet(let news): pauseBetweenGrids = news.enabled
        case .planSet(let news): plan = news.plan
        case .promptRaised, .promptUpdated, .promptAnswered, .promptWithdrawn: applyPrompt(stored)
        case .noticeRaised(let notice):
            notices.removeAll { $0.id == notice.id }
            notices.append(notice)
        case .noticeCleared(let news): notices.removeAll { $0.id == news.id }
        case .runStarted, .runMoved, .stopReceived, .stopCancelled, .shutdownBegan, .runStopped, .runCompleted, .runFailed,
            .runInterrupted, .runKilled:
            applyRun(stored)
        }
    }

    private mutating func applyRun(_ stored: StoredEvent) {
        switch stored.event {
        case .runStarted(let news): begin(news, at: stored.at)
        case .runMoved(let news): status = news.status
        case .stopReceived(let news):
            stop = StopRequest(by: news.by, at: stored.at, canBeTakenBack: true, from: status)
            status = .stopping
        case .stopCancelled:
            status = stop?.from ?? status
            stop = nil
        case .shutdownBegan: stop?.canBeTakenBack = false
        default: applyEnd(stored)
        }
    }

    private mutating func begin(_ news: RunStarted, at moment: Timestamp) {
        status = .starting
        process = ProcessInformation()
        process.pid = news.pid
        process.host = news.host
        process.epoch = news.epoch
        process.startedBy = news.by
        process.startedAt = moment
        stop = nil
        outcome = nil
        notices = []
    }

    private mutating func applyEnd(_ stored: StoredEvent) {
        var ending: RunOutcome
        switch stored.event {
        case .runStopped(let news):
            ending = RunOutcome(status: .stopped, at: stored.at)
            ending.by = news.by
        case .runCompleted(let news):
            ending = RunOutcome(status: .completed, at: stored.at)
            ending.completed = news
        case .runFailed(let news):
            ending = RunOutcome(status: .failed, at: stored.at)
            ending.sentence = news.sentence
            ending.remedy = news.remedy
        case .runInterrupted(let news):
            ending = RunOutcome(status: .interrupted, at: stored.at)
            ending.sentence = news.cause
            ending.interrupted = news
        case .runKilled(let news):
            ending = RunOutcome(status: .killed, at: stored.at)
            ending.by = news.by
            ending.found = news.found
        default: return
        }
        status = ending.status
        outcome = ending
        process.endedAt = stored.at
        stop = nil
        target = nil
        exposure = nil
        notices = []
    }

    private mutating func applyPrompt(_ stored: StoredEvent) {
        switch stored.event {
        case .promptRaised(let raised):
            prompt = raised
            process.prompts += 1
        case .promptUpdated(let updated): if prompt?.id == updated.id { prompt = updated }
        case .promptAnswered(let news):
            guard let open = prompt, open.id == news.id else { return }
            lastAnswer = AnsweredPrompt(id: news.id, kind: open.kind, answer: news.answer, by: news.by, at: stored.at)
            close(open, at: stored.at)
        case .promptWithdrawn(let news):
            guard let open = prompt, open.id == news.id else { return }
            close(open, at: stored.at)
        default: break
        }
    }

    private mutating func close(_ open: Prompt, at moment: Timestamp) {
        process.waited += moment.seconds(since: open.raisedAt)
        prompt = nil
    }
}
