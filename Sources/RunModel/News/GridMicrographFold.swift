extension GridState {
    mutating func applyMicrograph(_ stored: StoredEvent) {
        switch stored.event {
        case .exposureBegan(let news):
            micrographs.removeAll { $0.id == news.micrograph.id }
            micrographs.append(news.micrograph)
        case .exposureSaved(let news): save(news.micrograph, news.movie, frames: news.frames, bytes: news.bytes, at: stored.at)
        case .exposureSettled(let news): settle(news, at: stored.at)
        case .micrographProcessed(let news):
            change(news.micrograph) {
                $0.status = .processed
                $0.measurement = news.measurement
                $0.problem = nil
            }
        case .processingFailed(let news):
            guard let micrograph = news.micrograph else { return }
            change(micrograph) {
                $0.status = .unprocessable
                $0.problem = news.sentence
            }
        case .micrographRated(let news):
            change(news.micrograph) { ($0.rating, $0.ratedBy) = (news.rating, news.rating.map { _ in news.by }) }
        default: break
        }
    }

    private mutating func settle(_ news: ExposureSettled, at moment: Timestamp) {
        switch news.outcome {
        case .saved: save(news.micrograph, news.movie, frames: news.frames, bytes: news.bytes, at: moment)
        case .notTaken: change(news.micrograph) { $0.status = .notTaken }
        case .unknown: change(news.micrograph) { $0.status = .unknown }
        case .again: change(news.micrograph) { $0.status = .notTaken }
        case .left: change(news.micrograph) { $0.status = .left }
        }
    }

    private mutating func save(_ micrograph: MicrographID, _ movie: String?, frames: Int, bytes: Int, at moment: Timestamp) {
        change(micrograph) {
            $0.status = .saved
            $0.savedAt = moment
            $0.frames = frames
            $0.bytes = bytes
            if let movie { $0.movie = movie }
        }
    }

    private mutating func change(_ micrograph: MicrographID, _ body: (inout Micrograph) -> Void) {
        guard let index = micrographs.lastIndex(where: { $0.id == micrograph }) else { return }
        body(&micrographs[index])
    }
}
