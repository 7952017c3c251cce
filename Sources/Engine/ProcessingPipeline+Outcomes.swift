import Processing
import RunModel
import Store

// What became of movies, written down.
extension ProcessingPipeline {
    func write(_ outcome: Result<Measurement, JobProblem>, _ micrograph: Micrograph) {
        let name = DoseLedger.name(of: micrograph)
        var entry = Entry(session: micrograph.id.session)
        switch outcome {
        case .success(var measurement):
            // Unreadable: the offset is unknown, and nothing else is lost by that.
            measurement.offset = (try? journal.grid(micrograph.id.grid))?.target(micrograph.id.hole)?.offset?.length
            entry.events = [
                .micrographProcessed(
                    MicrographProcessed(
                        micrograph: micrograph.id, targetDefocus: micrograph.targetDefocus, measurement: measurement))
            ]
            entry.lines = measurement.lines(name: name, limit: fitLimit(micrograph.id.session))
        case .failure(let problem):
            entry.events = [.processingFailed(ProcessingFailed(micrograph: micrograph.id, sentence: problem.sentence))]
            entry.lines = [LogEntry(log: .processing, line: LogLine(.error, "movie", "\(name): \(problem.sentence)"))]
        }
        lastUnwritten += 1
        unwritten.append(Unwritten(number: lastUnwritten, entry: entry))
        writeUnwritten()
    }

    /// Writes what became of movies. Minutes of work are not thrown away because the store's disk is full for a moment.
    func writeUnwritten() {
        guard !unwritten.isEmpty else { return }
        // What was written late is known before anything is written again.
        journal.tellLateNow()
        while let first = unwritten.first, write(first) { forget(first.number) }
        if unwritten.isEmpty { changes.signal() }
    }

    private func forget(_ number: Int) { unwritten.removeAll { $0.number == number } }

    /// False where the store has no room or no time for it now. What it will never take is that movie's failure, and holds up no other.
    private func write(_ unwritten: Unwritten) -> Bool {
        let (number, entry) = (unwritten.number, unwritten.entry)
        do throws(StoreError) {
            // Taken late, after it was given up here: then it is written all the same.
            try journal.recordNow(completing(entry), afterwards: { [self] in assumeIsolated { $0.forget(number) } })
        } catch {
            if error.mayPass { return false }
            for case .micrographProcessed(let news) in entry.events {
                let sentence = "Its result could not be kept. \(error.sentence)"
                let failed = Entry(
                    session: entry.session,
                    events: [.processingFailed(ProcessingFailed(micrograph: news.micrograph, sentence: sentence))],
                    lines: [LogEntry(log: .processing, line: LogLine(.error, "movie", sentence))])
                // Refused as well: the movie stays unprocessed, and the next start of the server takes it up.
                try? journal.recordNow(completing(failed))
            }
        }
        return true
    }

    private func fitLimit(_ session: SessionID) -> Double {
        (try? journal.state(of: session).session.settings.fitLimit) ?? 6  // only for a log line's level
    }

    /// With the completion of its hole, where a movie was the last one: one change, since nobody looks at a completed grid's holes again.
    private func completing(_ entry: Entry) -> Entry {
        var entry = entry
        for event in entry.events {
            let done: MicrographID? =
                switch event {
                case .micrographProcessed(let news): news.micrograph
                case .processingFailed(let news): news.micrograph
                default: nil
                }
            if let done, let event = completion(of: done.hole, but: done) { entry.events.append(event) }
        }
        return entry
    }

    /// Nil where something is left, or its grid cannot be read: then the hole stays acquired.
    private func completion(of hole: TargetID, but done: MicrographID) -> RunEvent? {
        guard let grid = try? journal.grid(hole.grid), grid.target(hole)?.status == .acquired else { return nil }
        return DoseLedger.completion(hole, grid.micrographs, but: done)
    }
}

extension Measurement {
    /// What the processing log says of a movie.
    func lines(name: String, limit: Double) -> [LogEntry] {
        let motion = LogLine(.info, "motion", "\(name): \(shifts.count) frames aligned, \(totalMotion.written) Å total")
        let fit: LogLine
        if let ctf {
            let words =
                "\(name): defocus \(ctf.defocus.written) µm, fit \(ctf.fitResolution.written) Å, astig \(Int(clamping: ctf.astigmatism)) Å"
            fit =
                ctf.fitResolution > limit
                ? LogLine(.warning, "ctf", "\(words); above the \(limit.written) Å limit") : LogLine(.info, "ctf", words)
        } else {
            fit = LogLine(.warning, "ctf", "\(name): no fit. \(reason ?? "")")
        }
        return [LogEntry(log: .processing, line: motion), LogEntry(log: .processing, line: fit)]
    }
}
