import Blocking
import Foundation
import JSONText
import RunModel
import TestSupport
import Testing

@testable import Processing

@Suite(.timeLimit(.minutes(2))) struct SlurmJobsTests {
    @Test func `a job is submitted by an argument array, waited for, and its result read`() async throws {
        let scene = try SlurmScene()
        let scheduler = RecordedScheduler(["pending", "running", "done"], whenAsked: { if $0 == 2 { scene.leaveResult() } })
        #expect(try await scene.jobs(scheduler).process(scene.job) == WorkerScene.measurement)
        let submission = try #require(scheduler.calls(of: "sbatch").first)
        #expect(submission.prefix(6).contains("--no-requeue"))
        #expect(submission.contains("--partition=movies") && submission.contains("--mem=4G"))
        let script = try #require(submission.firstIndex { $0.hasSuffix("/gridpilot-job") })
        #expect(submission[(script + 1)...].prefix(4) == ["/opt/gridpilot", "process", scene.job.movie, "--worker-json"])
        #expect(try String(contentsOfFile: submission[script], encoding: .utf8) == "#!/bin/sh\nexec \"$@\"\n")
        #expect(scene.leftovers == ["gridpilot-job"])
    }

    @Test func `the job's number is on disk before it is waited for`() async throws {
        let scene = try SlurmScene()
        let scheduler = RecordedScheduler(
            ["done"],
            whenAsked: { _ in
                #expect(scene.record?.id?.number == "1")
                scene.leaveResult()
            })
        _ = try await scene.jobs(scheduler).process(scene.job)
        #expect(scheduler.calls(of: "sbatch").count == 1)
    }

    @Test func `after a restart a job that runs is waited for, not submitted again`() async throws {
        let scene = try SlurmScene()
        try scene.keep(id: SlurmID(number: "1"))
        let scheduler = RecordedScheduler(["running", "done"], whenAsked: { if $0 == 1 { scene.leaveResult() } })
        #expect(try await scene.jobs(scheduler).process(scene.job) == WorkerScene.measurement)
        #expect(scheduler.calls(of: "sbatch").isEmpty)
    }

    @Test func `after a restart a job that ended long ago gives its result`() async throws {
        let scene = try SlurmScene()
        try scene.keep(id: SlurmID(number: "1"))
        scene.leaveResult()
        let scheduler = RecordedScheduler(["unknown"])
        #expect(try await scene.jobs(scheduler).process(scene.job) == WorkerScene.measurement)
        #expect(scheduler.calls(of: "sbatch").isEmpty)
    }

    @Test func `a job that was submitted just before a crash is found by its name`() async throws {
        let scene = try SlurmScene()
        try scene.keep(id: nil)
        let scheduler = RecordedScheduler(["done"], found: "1|RUNNING|None\n", whenAsked: { _ in scene.leaveResult() })
        #expect(try await scene.jobs(scheduler).process(scene.job) == WorkerScene.measurement)
        #expect(scheduler.calls(of: "sbatch").isEmpty)
        #expect(scheduler.calls.first?.contains("--name=kept") == true)
    }

    @Test func `a crash before the submission leads to one submission`() async throws {
        let scene = try SlurmScene()
        try scene.keep(id: nil)
        let scheduler = RecordedScheduler(["done"], whenAsked: { _ in scene.leaveResult() })
        _ = try await scene.jobs(scheduler).process(scene.job)
        #expect(scheduler.calls(of: "sbatch").count == 1)
    }

    @Test func `an earlier job for other numbers is cancelled`() async throws {
        let scene = try SlurmScene()
        try scene.keep(id: SlurmID(number: "77"), order: "another")
        let scheduler = RecordedScheduler(["done"], whenAsked: { _ in scene.leaveResult() })
        _ = try await scene.jobs(scheduler).process(scene.job)
        #expect(scheduler.calls(of: "scancel") == [["scancel", "77"]])
        #expect(scheduler.calls(of: "sbatch").count == 1)
    }

    @Test(arguments: [
        ("failed", "Job 1 ended on the cluster without a result (FAILED, NonZeroExitCode). Its last words: no such movie"),
        ("cancelled", "Job 1 was cancelled at the cluster."),
        ("timeout", "Job 1 reached the cluster's time limit. Its last words: no such movie"),
        ("done", "Job 1 ended on the cluster and left no result. Its last words: no such movie"),
        ("unknown", "The cluster knows nothing of job 1, and it left no result. Its last words: no such movie"),
    ])
    func `a job without a result is a failure in a sentence`(_ recording: String, _ sentence: String) async throws {
        let scene = try SlurmScene()
        let scheduler = RecordedScheduler([recording], whenAsked: { _ in scene.leave("no such movie\n", ".log") })
        let problem = await #expect(throws: JobProblem.self) { try await scene.jobs(scheduler).process(scene.job) }
        #expect(problem == JobProblem(sentence: sentence))
        #expect(scheduler.calls(of: "sbatch").count == 1)
        #expect(scene.leftovers == ["gridpilot-job"])
    }

    @Test func `a worker's refusal is the movie's failure, in its words`() async throws {
        let scene = try SlurmScene()
        let scheduler = RecordedScheduler(
            ["failed"], whenAsked: { _ in scene.leave(#"{"sentence":"No movie."}"#, ".result.json") })
        let problem = await #expect(throws: JobProblem.self) { try await scene.jobs(scheduler).process(scene.job) }
        #expect(problem == JobProblem(sentence: "No movie."))
    }

    @Test func `a job that never ran is submitted once more, and not a third time`() async throws {
        let scene = try SlurmScene()
        let scheduler = RecordedScheduler(["killed"])
        let problem = await #expect(throws: JobProblem.self) { try await scene.jobs(scheduler).process(scene.job) }
        #expect(problem?.sentence == "The cluster lost the movie's job twice (job 1: FAILED, JobLaunchFailure).")
        #expect(scheduler.calls(of: "sbatch").count == 2)
    }

    @Test(arguments: ["badpart", "nomem"])
    func `a submission that is refused is a failure in the cluster's words`(_ recording: String) async throws {
        let scene = try SlurmScene()
        let scheduler = RecordedScheduler(["done"], submissions: [recording])
        let problem = await #expect(throws: JobProblem.self) { try await scene.jobs(scheduler).process(scene.job) }
        #expect(problem?.sentence.hasPrefix("The cluster did not accept the job. Its words: sbatch: error: ") == true)
    }

    @Test func `a cancelled job is cancelled at the cluster too`() async throws {
        let scene = try SlurmScene()
        let clock = TestClock()
        let scheduler = RecordedScheduler(["running"])
        let task = Task { () -> JobProblem? in
            do throws(JobProblem) {
                _ = try await scene.jobs(scheduler, clock: clock).process(scene.job)
                return nil
            } catch { return error }
        }
        #expect(try await clock.nextSleep() == .seconds(5))
        task.cancel()
        #expect(await task.value?.wasCancelled == true)
        #expect(scheduler.calls(of: "scancel") == [["scancel", "1"]])
        #expect(scene.leftovers == ["gridpilot-job"])
    }
}

@Suite struct SlurmStateTests {
    @Test(arguments: [
        ("pending", SlurmState.going), ("waiting", .going), ("running", .going), ("done", .completed),
        ("failed", .failed("FAILED, NonZeroExitCode")), ("killed", .lost("FAILED, JobLaunchFailure")), ("cancelled", .cancelled),
        ("timeout", .timedOut),
    ])
    func `what squeue said is understood`(_ recording: String, _ state: SlurmState) {
        #expect(SlurmLine.list(RecordedScheduler.recorded(recording).output) == [SlurmLine(id: "1", state: state)])
    }

    @Test(arguments: [
        ("COMPLETING", SlurmState.going), ("CONFIGURING", .going), ("SUSPENDED", .going), ("OUT_OF_MEMORY", .outOfMemory),
        ("NODE_FAIL", .lost("NODE_FAIL")), ("BOOT_FAIL", .lost("BOOT_FAIL")), ("CANCELLED by 1000", .cancelled),
        ("DEADLINE", .failed("DEADLINE")), ("PREEMPTED", .lost("PREEMPTED")),
    ])
    func `other words of its manual are understood`(_ word: String, _ state: SlurmState) {
        #expect(SlurmState(word: word) == state)
    }

    @Test(arguments: [
        ("1\n", SlurmID(number: "1")), ("12;east\n", SlurmID(number: "12", cluster: "east")),
        ("Welcome to the cluster\n34\n", SlurmID(number: "34")), ("", nil), ("sorry\n", nil),
    ])
    func `a job's number is read from what sbatch says`(_ answer: String, _ id: SlurmID?) {
        #expect(SlurmID(answer) == id)
    }
}

/// A folder with what a cluster's job leaves.
struct SlurmScene: Sendable {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    private var directory: String { folder.path(of: "g/jobs") }
    private var base: String { "\(directory)/\(job.micrograph)" }

    var job: MovieJob {
        MovieJob(
            micrograph: "s.g1.s1.h1.m1", movie: "\(folder.path)/a movie's $(file).mrc", sessionDirectory: folder.path,
            gridDirectory: "g", pixelSize: 1, voltage: 300, cs: 2.7, dosePerFrame: 1)
    }

    func jobs(_ scheduler: RecordedScheduler, clock: any Clock<Duration> = HastyClock()) -> SlurmJobs {
        var slurm = SlurmSettings()
        slurm.partition = "movies"
        slurm.arguments = ["--mem=4G"]
        return SlurmJobs(
            program: "/opt/gridpilot", settings: ProcessingSettings(), slurm: slurm, commands: scheduler, clock: clock,
            newName: { "gridpilot-new" })
    }

    func leave(_ text: String, _ ending: String) {
        try? text.write(toFile: base + ending, atomically: true, encoding: .utf8)
    }

    func leaveResult() { leave((try? JSONText.encode(WorkerScene.measurement)) ?? "", ".result.json") }

    func keep(id: SlurmID?, order: String? = nil) throws {
        let record = SlurmRecord(order: try order ?? WorkerOrder(job).text(), name: "kept", id: id)
        if let problem = SlurmFiles(folder: directory, micrograph: job.micrograph.description).save(record) { throw problem }
    }

    var record: SlurmRecord? { SlurmFiles(folder: directory, micrograph: job.micrograph.description).load() }
    var leftovers: [String] { (try? Files.names(in: directory)) ?? [] }
}

/// A clock on which every sleep is over at once.
struct HastyClock: Clock {
    let now = VirtualInstant.start
    let minimumResolution = Duration.nanoseconds(1)
    func sleep(until deadline: VirtualInstant, tolerance: Duration?) async throws { try Task.checkCancellation() }
}
