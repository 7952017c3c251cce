import RunModel

/// What a pill says: colour, shape and word, so that none of them is needed to tell it.
struct ReportStanding: Equatable {
    var kind: String
    var icon: String
    var word: String

    /// As the pages' strip of grids has it. A grid that is under way without a living run was broken off.
    init(of grid: GridState, isLiving: Bool) {
        let (kind, icon, word) =
            grid.status.isUnderWay && !isLiving ? ("err", "error", "Interrupted") : Self.words(of: grid)
        (self.kind, self.icon, self.word) = (kind, icon, word)
    }

    init(of session: SessionStatus) {
        switch session {
        case .completed: (kind, icon, word) = ("ok", "done", "Complete")
        case .ready: (kind, icon, word) = ("wait", "wait", "Not started yet")
        case .stopped: (kind, icon, word) = ("wait", "stop", "Stopped")
        case .failed, .interrupted, .killed: (kind, icon, word) = ("err", "error", session.rawValue.capitalisedWord)
        case .starting, .running, .paused, .stopping: (kind, icon, word) = ("run", "run", session.rawValue.capitalisedWord)
        }
    }

    /// Against the session's limit. No fit is amber and not red: the image may be fine, and the ice thick.
    init(of micrograph: Micrograph, limit: Double) {
        if let fit = micrograph.fit {
            let isGood = fit <= limit
            (kind, icon) = (isGood ? "ok" : "warn", isGood ? "done" : "warn")
            word = "\(ReportNumber.text(fit, 1)) Å"
            return
        }
        word = micrograph.fitWords
        switch micrograph.status {
        case .processed, .unknown: (kind, icon) = ("warn", "warn")
        case .unprocessable: (kind, icon) = ("err", "error")
        case .exposing, .saved: (kind, icon) = ("wait", "clock")
        case .notTaken, .left: (kind, icon) = ("wait", "skip")
        }
    }

    private static func words(of grid: GridState) -> (String, String, String) {
        switch grid.status {
        case .completed:
            // Worked through is not all well.
            guard grid.problem != nil else { return ("ok", "done", "Done") }
            return ("warn", "warn", grid.micrographs.contains { $0.savedAt != nil } ? "Done with failures" : "No image")
        case .failed: return ("err", "error", "Error")
        case .loading: return ("run", "run", "Loading")
        case .running: return ("run", "run", "Running")
        case .stopping: return ("run", "clock", "Stopping")
        case .paused: return ("warn", "pause", "Paused")
        case .stopped: return ("wait", "stop", "Stopped")
        case .waiting: return ("wait", "wait", grid.atlas == nil ? "Queued" : "Atlas taken")
        case .aborted: return ("warn", "stop", "Aborted")
        case .leftOut: return ("wait", "skip", "Left out")
        }
    }
}

extension Micrograph {
    /// Å; nil where there is none.
    var fit: Double? { (measurement?.ctf?.fitResolution).flatMap { $0 > 0 ? $0 : nil } }

    /// In the fit's place, where there is none.
    var fitWords: String {
        switch status {
        case .exposing: "Exposing"
        case .saved: "Being processed"
        case .processed: "No fit"
        case .unprocessable: "Not processed"
        case .notTaken: "Not taken"
        case .unknown: "Unknown"
        case .left: "Left as it is"
        }
    }
}

extension ImageRating {
    var words: String {
        switch self {
        case .great: "Great"
        case .acceptable: "Acceptable"
        case .notBad: "Not bad"
        case .cracked: "Cracked"
        case .empty: "Empty"
        case .contaminated: "Contaminated"
        case .badIce: "Bad ice"
        case .missed: "Missed"
        }
    }
}

extension String {
    var capitalisedWord: String { prefix(1).uppercased() + dropFirst() }
}
