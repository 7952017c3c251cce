import Processing
import RunModel
import Store

/// Movies waiting and in work, beside the run and never in its way: a job that goes wrong is that movie's failure only.
///
/// At most `waitingMovies` wait here; more wait in the store, as saved and unprocessed, and are fetched when there is room.
public actor ProcessingPipeline {
    let parts: EngineParts
    let journal: Journal
    private var waiting: [MicrographID] = []
    /// With what ends each job.
    private var inWork: [MicrographID: Latch] = [:]
    private var hasMoreInStore = true
    /// What became of movies, as long as the store could not take it; nothing new is begun meanwhile.
    private var unwritten: [Entry] = []
    /// Sessions whose jobs were ended: their movies wait until they are started again.
    private var held: Set<SessionID> = []
    private let changes = Condition()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { parts.executor.asUnownedSerialExecutor() }

    init(parts: EngineParts, journal: Journal) {
        self.parts = parts
        self.journal = journal
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<max(1, parts.jobs.width) { group.addTask { [self] in await work() } }
        }
    }

    func submit(_ micrograph: MicrographID) {
        guard inWork[micrograph] == nil, !held.contains(micrograph.session), !waiting.contains(micrograph) else { return }
        if waiting.count < parts.settings.waitingMovies { waiting.append(micrograph) } else { hasMoreInStore = true }
        changes.signal()
    }

    /// Ends the jobs of a session, children included; its movies wait in the store until it is started again.
    func endJobs(of session: SessionID?) {
        guard let session else { return }
        held.insert(session)
        waiting.removeAll { $0.session == session }
        for id in inWork.keys.sorted() where id.session == session { inWork[id]?.set() }
    }

    /// The session runs again: what it left unprocessed is fetched.
    func resume(_ session: SessionID) {
        guard held.remove(session) != nil else { return }
        hasMoreInStore = true
        changes.signal()
    }

    /// How many movies of a session are in work.
    public func workers(of session: SessionID) -> Int { inWork.keys.count { $0.session == session } }

    private func work() async {
        while !Task.isCancelled {
            let seen = changes.generation
            guard let next = next() else {
                await changes.wait(after: seen)
                continue
            }
            let kill = Latch()
            inWork[next] = kill
            let wasEnded = await process(next, endedBy: kill)
            inWork[next] = nil
            guard wasEnded else { continue }
            // Its movie waits in the store, where a look that came while the job still stood here has passed it over.
            hasMoreInStore = true
            changes.signal()
        }
    }

    private func next() -> MicrographID? {
        guard unwritten.isEmpty else { return nil }
        if waiting.isEmpty, hasMoreInStore {
            let limit = parts.settings.waitingMovies
            // Those in work stand before the others. Unreadable: the next change looks again.
            guard let found = try? parts.store.unprocessedMicrographs(limit: limit + inWork.count, without: held) else {
                return nil
            }
            let fresh = found.map(\.id).filter { inWork[$0] == nil }
            hasMoreInStore = fresh.count >= limit
            waiting = Array(fresh.prefix(limit))
        }
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }

    /// True where the job was ended before it had an outcome.
    private func process(_ id: MicrographID, endedBy kill: Latch) async -> Bool {
        guard let (job, micrograph) = job(for: id) else { return false }
        let jobs = parts.jobs
        let outcome = await withTaskGroup(of: Result<Measurement, JobProblem>?.self) { group in
            group.addTask {
                do throws(JobProblem) { return .success(try await jobs.process(job)) } catch { return .failure(error) }
            }
            group.addTask {
                await kill.wait()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let outcome, !Task.isCancelled else { return true }
        write(outcome, micrograph)
        return false
    }

    private func job(for id: MicrographID) -> (MovieJob, Micrograph)? {
        // Not in the store or unreadable: there is nothing to work on.
        guard let micrograph = try? journal.grid(id.grid).micrograph(id), micrograph.status == .saved,
            let state = try? journal.state(of: id.session),
            let grid = state.grids.first(where: { $0.grid.id == id.grid })?.grid
        else { return nil }
        let directory = parts.files.path(state.session.directory)
        let job = MovieJob(
            micrograph: id, movie: "\(directory)/\(micrograph.movie)", sessionDirectory: directory, gridDirectory: grid.directory,
            pixelSize: micrograph.pixelSize, voltage: state.microscope.voltage, cs: state.microscope.cs,
            dosePerFrame: micrograph.dose / Double(max(1, micrograph.frames)), frames: micrograph.frames, bytes: micrograph.bytes,
            gain: state.detector.gain)
        return (job, micrograph)
    }

    private func write(_ outcome: Result<Measurement, JobProblem>, _ micrograph: Micrograph) {
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
            if problem.wasCancelled { return }
            entry.events = [.processingFailed(ProcessingFailed(micrograph: micrograph.id, sentence: problem.sentence))]
            entry.lines = [LogEntry(log: .processing, line: LogLine(.error, "movie", "\(name): \(problem.sentence)"))]
        }
        unwritten.append(entry)
        writeUnwritten()
    }

    /// Writes what became of movies. Minutes of work are not thrown away because the store's disk is full for a moment.
    func writeUnwritten() {
        guard !unwritten.isEmpty else { return }
        while let entry = unwritten.first, write(entry) {
            unwritten.removeFirst()
            for case .micrographProcessed(let news) in entry.events { noteFinished(news.micrograph.hole) }
            for case .processingFailed(let news) in entry.events { if let id = news.micrograph { noteFinished(id.hole) } }
        }
        if unwritten.isEmpty { changes.signal() }
    }

    /// False where the store has no room or no time for it now. What it will never take is that movie's failure, and holds up no other.
    private func write(_ entry: Entry) -> Bool {
        do throws(StoreError) {
            try journal.recordNow(entry)
        } catch {
            if error.mayPass { return false }
            for case .micrographProcessed(let news) in entry.events {
                let sentence = "Its result could not be kept. \(error.sentence)"
                let failed = Entry(
                    session: entry.session,
                    events: [.processingFailed(ProcessingFailed(micrograph: news.micrograph, sentence: sentence))],
                    lines: [LogEntry(log: .processing, line: LogLine(.error, "movie", sentence))])
                // Refused as well: the movie stays unprocessed, and the next start of the server takes it up.
                try? journal.recordNow(failed)
            }
        }
        return true
    }

    private func fitLimit(_ session: SessionID) -> Double {
        (try? journal.state(of: session).session.settings.fitLimit) ?? 6  // only for a log line's level
    }

    /// A hole is complete when it has nothing left to take and nothing left to work on.
    func noteFinished(_ hole: TargetID) {
        // Unreadable: the hole stays acquired, which is true as well.
        guard let grid = try? journal.grid(hole.grid), grid.target(hole)?.status == .acquired,
            grid.micrographs.allSatisfy({ $0.id.hole != hole || $0.status != .saved && $0.status != .exposing })
        else { return }
        let event = RunEvent.targetChanged(TargetChanged(target: hole, status: .completed))
        try? journal.recordNow(Entry(session: hole.session, events: [event]))
    }
}

extension Measurement {
    /// What the processing log says of a movie.
    func lines(name: String, limit: Double) -> [LogEntry] {
        let motion = LogLine(.info, "motion", "\(name): \(shifts.count) frames aligned, \(totalMotion.written) Å total")
        let fit: LogLine
        if let ctf {
            let words =
                "\(name): defocus \(ctf.defocus.written) µm, fit \(ctf.fitResolution.written) Å, astig \(Int(ctf.astigmatism.rounded())) Å"
            fit =
                ctf.fitResolution > limit
                ? LogLine(.warning, "ctf", "\(words); above the \(limit.written) Å limit") : LogLine(.info, "ctf", words)
        } else {
            fit = LogLine(.warning, "ctf", "\(name): no fit. \(reason ?? "")")
        }
        return [LogEntry(log: .processing, line: motion), LogEntry(log: .processing, line: fit)]
    }
}
