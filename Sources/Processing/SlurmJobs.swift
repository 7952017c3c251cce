import Blocking
import RunModel

/// Works on each movie as a job of a SLURM cluster, whose nodes see the same files.
///
/// A job's number is on disk before the job is waited for: a restarted server goes on waiting for it instead of submitting it again.
public struct SlurmJobs: JobRunner {
    /// A result may reach this machine later than the news that its job has ended: how many times it is looked for, an interval apart.
    private static let patience = 6
    /// How many times in a row the scheduler may give no answer before a movie is given up: half an hour at the usual interval.
    private static let silence = 360
    /// Whoever cancels a job waits no longer than this for a shared folder that does not answer.
    private static let leave = Duration.seconds(5)

    public var width: Int { slurm.width }
    private let program: String
    private let settings: ProcessingSettings
    private let slurm: SlurmSettings
    private let scheduler: SlurmScheduler
    private let clock: any Clock<Duration>
    private let newName: @Sendable () -> String
    /// The folder is shared with the nodes: a share that hangs holds up its own lane, not the run or Swift's threads.
    private let disks: DiskLanes

    /// `program`: this program's file, absolute. `newName`: unique among the cluster's jobs.
    public init(
        program: String, settings: ProcessingSettings, slurm: SlurmSettings, commands: any SchedulerCommands,
        clock: any Clock<Duration>, disks: DiskLanes = DiskLanes(),
        newName: @escaping @Sendable () -> String
    ) {
        self.disks = disks
        self.program = program
        self.settings = settings
        self.slurm = slurm
        scheduler = SlurmScheduler(commands: commands)
        self.clock = clock
        self.newName = newName
    }

    public func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        let folder = slurm.directory ?? "\(job.sessionDirectory)/\(job.gridDirectory)/jobs"
        let files = SlurmFiles(folder: folder, micrograph: job.micrograph.description)
        try await written(files) { files.prepare() }
        do throws(JobProblem) {
            let measurement = try await work(job, files)
            try await blocking(files) { files.clear() }
            return measurement
        } catch {
            if error.wasCancelled { await withdraw(files) } else { try await blocking(files) { files.clear() } }
            throw error
        }
    }

    /// Waits as long as it takes, unless the task is cancelled: a file that was not read must not pass for one that is not there.
    private func blocking<Value: Sendable>(
        _ files: SlurmFiles, within deadline: Duration? = nil, _ body: @escaping @Sendable () -> Value
    ) async throws(JobProblem) -> Value {
        do throws(BlockingProblem) {
            return try await disks.run(at: files.folder, deadline: deadline, endsWhenCancelled: true, body)
        } catch {
            if error == .cancelled { throw .ended }
            throw JobProblem(sentence: "The folder that is shared with the cluster does not answer.")
        }
    }

    private func written(_ files: SlurmFiles, _ body: @escaping @Sendable () -> JobProblem?) async throws(JobProblem) {
        if let problem = try await blocking(files, body) { throw problem }
    }

    private func work(_ job: MovieJob, _ files: SlurmFiles) async throws(JobProblem) -> Measurement {
        let order = try WorkerOrder(job, settings).argument()
        var record = try await kept(files, order)
        while true {
            let id: SlurmID
            if let known = record.id { id = known } else { id = try await submit(&record, job, files) }
            switch try await wait(for: id, files) {
            case .measured(let measurement): return measurement
            case .failed(let sentence): throw JobProblem(sentence: sentence)
            case .lost(let state):
                guard record.submissions < 2 else {
                    throw JobProblem(sentence: "The cluster lost the movie's job twice (job \(id.number): \(state)).")
                }
                record = SlurmRecord(order: order, name: newName(), submissions: record.submissions + 1)
            }
        }
    }

    /// The record that an earlier server left, if it is for the same work; otherwise a new one.
    private func kept(_ files: SlurmFiles, _ order: String) async throws(JobProblem) -> SlurmRecord {
        guard var record = try await blocking(files, { files.load() }) else { return SlurmRecord(order: order, name: newName()) }
        if record.id == nil { record.id = try await scheduler.find(name: record.name) }
        if record.order == order { return record }
        if let id = record.id { await scheduler.cancel(id) }
        try await blocking(files) { files.clear() }
        return SlurmRecord(order: order, name: newName())
    }

    private func submit(_ record: inout SlurmRecord, _ job: MovieJob, _ files: SlurmFiles) async throws(JobProblem) -> SlurmID {
        try await save(record, files)
        let minutes = settings.deadline(bytes: job.bytes).components.seconds / 60 + 1
        // SLURM reads a per cent sign as the beginning of a pattern.
        let log = files.log.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
        var options = ["--job-name=\(record.name)", "--no-requeue", "--cpus-per-task=2", "--time=\(minutes)", "--output=\(log)"]
        if let partition = slurm.partition { options.append("--partition=\(partition)") }
        let id = try await scheduler.submit(
            options + slurm.arguments, script: files.script,
            command: [
                slurm.program ?? program, "process", job.movie, "--worker-json", record.order, "--worker-result", files.result,
            ])
        record.id = id
        try await save(record, files)
        return id
    }

    private func save(_ record: SlurmRecord, _ files: SlurmFiles) async throws(JobProblem) {
        try await written(files) { files.save(record) }
    }

    private enum Outcome {
        case measured(Measurement)
        case failed(String)
        case lost(String)
    }

    private func wait(for id: SlurmID, _ files: SlurmFiles) async throws(JobProblem) -> Outcome {
        var looksAfterEnd = 0
        var silentLooks = 0
        while true {
            // Asked before the result is read: a job that ended has written it.
            let state = try await scheduler.state(of: id)
            if let answer = try await blocking(files, { try? Files.text(files.result) }) { return try outcome(answer) }
            if case .noAnswer = state { silentLooks += 1 } else { silentLooks = 0 }
            switch state {
            case .going: break
            case .noAnswer(let words) where silentLooks >= Self.silence:
                return .failed("The cluster has not answered about job \(id.number) for a long time. Its last words: \(words)")
            case .noAnswer: break
            case .lost(let words): return .lost(words)
            case .timedOut, .outOfMemory, .cancelled: return .failed(try await sentence(state, id, files))
            case .completed, .failed, .unknown:
                looksAfterEnd += 1
                if looksAfterEnd >= Self.patience { return .failed(try await sentence(state, id, files)) }
            }
            do { try await clock.sleep(for: slurm.interval) } catch { throw .ended }
        }
    }

    private func outcome(_ answer: String) throws(JobProblem) -> Outcome {
        if let refusal = WorkerRefusal(answer) { return .failed(refusal.sentence) }
        return .measured(try WorkerAnswer.measurement(answer))
    }

    private func sentence(_ state: SlurmState, _ id: SlurmID, _ files: SlurmFiles) async throws(JobProblem) -> String {
        let last = try await blocking(files) { files.lastWords }
        let words = last.isEmpty ? "" : " Its last words: \(last)"
        switch state {
        case .timedOut: return "Job \(id.number) reached the cluster's time limit.\(words)"
        case .outOfMemory: return "Job \(id.number) ran out of memory on the cluster. Ask for more with --mem.\(words)"
        case .cancelled: return "Job \(id.number) was cancelled at the cluster."
        case .completed: return "Job \(id.number) ended on the cluster and left no result.\(words)"
        case .failed(let state): return "Job \(id.number) ended on the cluster without a result (\(state)).\(words)"
        default: return "The cluster knows nothing of job \(id.number), and it left no result.\(words)"
        }
    }

    /// Ends the job of a task that was cancelled, from a task that is not.
    private func withdraw(_ files: SlurmFiles) async {
        await Task(executorPreference: globalConcurrentExecutor) {
            // A scheduler or a share that cannot be asked now keeps the record: the next start looks for the job again.
            do throws(JobProblem) {
                guard let record = try await blocking(files, within: Self.leave, { files.load() }) else { return }
                if let id = try await knownID(record) { await scheduler.cancel(id) }
                try await blocking(files, within: Self.leave) { files.clear() }
            } catch {}
        }.value
    }

    private func knownID(_ record: SlurmRecord) async throws(JobProblem) -> SlurmID? {
        if let id = record.id { return id }
        return try await scheduler.find(name: record.name)
    }
}
