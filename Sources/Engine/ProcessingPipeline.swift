import Processing
import RunModel
import Store

/// Movies waiting and in work, beside the run and never in its way: a job that goes wrong is that movie's failure only.
///
/// At most `waitingMovies` wait here; more wait in the store, as saved and unprocessed, and are fetched when there is room. Movies of a
/// session whose disk says nothing wait in the store as well: see `ProcessingPipeline+Disks`.
public actor ProcessingPipeline {
    let parts: EngineParts
    let journal: Journal
    var waiting: [MicrographID] = []
    var inWork: [MicrographID: MovieInWork] = [:]
    var hasMoreInStore = true
    /// When the store is asked anew for movies that were passed over, though they may still be worked on.
    var retry: Timer?
    /// What became of movies, as long as the store could not take it; nothing new is begun meanwhile.
    var unwritten: [Unwritten] = []
    var lastUnwritten = 0
    struct Unwritten {
        let number: Int
        let entry: Entry
    }
    /// Sessions whose jobs were ended: their movies wait until they are started again.
    private var held: Set<SessionID> = []
    /// What the last look at a session's disk found, as long as somebody looks.
    var disks: [SessionID: DiskAnswer] = [:]
    /// Signalled where every disk is to be looked at anew.
    let looks = Condition()
    let changes = Condition()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { parts.executor.asUnownedSerialExecutor() }

    init(parts: EngineParts, journal: Journal) {
        self.parts = parts
        self.journal = journal
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let seen = changes.generation
                let next = takeNext()
                for session in takeUnwatched() { group.addTask { [self] in await watchDisk(of: session) } }
                guard let next else {
                    await rest(after: seen)
                    continue
                }
                group.addTask { [self] in await work(on: next) }
            }
        }
    }

    func submit(_ micrograph: MicrographID) {
        let session = micrograph.session
        guard inWork[micrograph] == nil, !held.contains(session), disks[session] != .silent, !waiting.contains(micrograph) else {
            return
        }
        if waiting.count < parts.settings.waitingMovies { waiting.append(micrograph) } else { hasMoreInStore = true }
        changes.signal()
    }

    /// Ends the jobs of a session, children included; its movies wait in the store until it is started again.
    func endJobs(of session: SessionID?) {
        guard let session else { return }
        held.insert(session)
        waiting.removeAll { $0.session == session }
        for id in inWork.keys.sorted() where id.session == session { inWork[id]?.kill.set() }
    }

    /// The session runs again: what it left unprocessed is fetched.
    func resume(_ session: SessionID) {
        if held.remove(session) != nil { lookInStore() }
    }

    /// The store may have taken a movie that nobody has told of here.
    func lookInStore() {
        hasMoreInStore = true
        changes.signal()
    }

    /// How many movies of a session are in work.
    public func workers(of session: SessionID) -> Int { inWork.keys.count { $0.session == session } }

    /// Until there is a change, or movies that were passed over have waited long enough.
    private func rest(after seen: Int) async {
        if let retry { await retry.wait(orUntil: changes, after: seen) } else { await changes.wait(after: seen) }
    }

    /// The next movie to begin, in work from here on.
    private func takeNext() -> MovieInWork? {
        if retry?.isOver == true { (retry, hasMoreInStore) = (nil, true) }
        guard unwritten.isEmpty, movingJobs < max(1, parts.jobs.width) else { return nil }
        if waiting.isEmpty, hasMoreInStore { fetch() }
        while let index = waiting.firstIndex(where: { disks[$0.session] == .answers }) {
            let id = waiting.remove(at: index)
            do throws(EngineError) {
                // No longer to be worked on, or not in the store: there is nothing to do.
                guard let movie = try movie(id) else { continue }
                inWork[id] = movie
                return movie
            } catch {
                // Unreadable now: it is still there.
                lookAgainLater()
            }
        }
        return nil
    }

    private func fetch() {
        let limit = parts.settings.waitingMovies
        do throws(StoreError) {
            // Those in work stand before the others.
            let found = try journal.store.unprocessedMicrographs(limit: limit + inWork.count, without: held.union(silentSessions))
            let fresh = found.map(\.id).filter { inWork[$0] == nil }
            hasMoreInStore = fresh.count >= limit
            waiting = Array(fresh.prefix(limit))
        } catch {
            lookAgainLater()
        }
    }

    /// A movie was passed over for a reason that may be gone by then. Not at once: the reason may also be the same a thousand times.
    func lookAgainLater() {
        if retry == nil { retry = Timer(duration: parts.settings.diskInterval, clock: parts.clock) }
    }

    private func work(on movie: MovieInWork) async {
        let id = movie.micrograph.id
        let end = await judge(outcome(of: movie.job, endedBy: movie.kill), of: id)
        inWork[id] = nil
        switch end {
        case .judged(let outcome): write(outcome, movie.micrograph)
        // Its movie waits in the store, where a look that came while the job still stood here has passed it over.
        case .ended: hasMoreInStore = true
        case .cutOff: lookAgainLater()
        }
        changes.signal()
    }

    /// Nil where the job was ended from here.
    private func outcome(of job: MovieJob, endedBy kill: Latch) async -> Result<Measurement, JobProblem>? {
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
        return Task.isCancelled ? nil : outcome
    }

    private enum JobEnd {
        case judged(Result<Measurement, JobProblem>)
        /// From here: the movie waits until somebody wants it again.
        case ended
        /// By nobody here: it is tried again.
        case cutOff
    }

    private func judge(_ outcome: Result<Measurement, JobProblem>?, of id: MicrographID) async -> JobEnd {
        guard let outcome else { return .ended }
        guard case .failure(let problem) = outcome else { return .judged(outcome) }
        if problem.wasCancelled { return .cutOff }
        // A job that could not read or write says nothing of its movie.
        return await mayBeOfDisk(id) ? .cutOff : .judged(outcome)
    }

    /// What there is to do for a movie; nil where there is nothing.
    private func movie(_ id: MicrographID) throws(EngineError) -> MovieInWork? {
        let state: SessionState
        let found: Micrograph?
        do throws(EngineError) {
            state = try journal.state(of: id.session)
            found = try journal.grid(id.grid).micrograph(id)
        } catch {
            if case .unknown = error { return nil }
            throw error
        }
        guard let micrograph = found, micrograph.status == .saved,
            let grid = state.grids.first(where: { $0.grid.id == id.grid })?.grid
        else { return nil }
        let directory = parts.files.path(state.session.directory)
        let job = MovieJob(
            micrograph: id, movie: "\(directory)/\(micrograph.movie)", sessionDirectory: directory, gridDirectory: grid.directory,
            pixelSize: micrograph.pixelSize, voltage: state.microscope.voltage, cs: state.microscope.cs,
            dosePerFrame: micrograph.dose / Double(max(1, micrograph.frames)), frames: micrograph.frames, bytes: micrograph.bytes,
            gain: state.detector.gain, detector: state.detector)
        return MovieInWork(job: job, micrograph: micrograph)
    }
}

/// A movie whose job has begun.
struct MovieInWork {
    let job: MovieJob
    let micrograph: Micrograph
    let kill = Latch()
    /// The disk has said nothing at some time since the job began.
    var hasMetSilence = false
}
