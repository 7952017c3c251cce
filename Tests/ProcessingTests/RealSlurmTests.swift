import Foundation
import Imaging
import RunModel
import TestSupport
import Testing

@testable import Processing

/// With a SLURM that `Tests/Slurm/start-slurm` starts on this machine, which needs root and Debian's `slurm-wlm`.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: ProcessInfo.processInfo.environment["GRIDPILOT_SLURM"] != nil, "set GRIDPILOT_SLURM=1"))
struct RealSlurmTests {
    @Test func `movies are worked on by jobs, refused in their words, found again and cancelled`() async throws {
        let cluster = try RealSlurm()
        let scene = try ProgramScene()
        try scene.drawSmallMovie()
        var job = scene.job

        // A result.
        let measured = try await cluster.jobs().process(job)
        #expect(measured.shifts.count == 3)
        #expect(FileManager.default.fileExists(atPath: scene.folder.path(of: measured.average)))

        // A refusal.
        job.movie = "/nowhere/a movie's $(file).mrc"
        let refused = await #expect(throws: JobProblem.self) { try await cluster.jobs().process(job) }
        #expect(refused?.sentence.hasPrefix("/nowhere/a movie's $(file).mrc cannot be read") == true)

        // A job that an earlier server submitted: it is waited for, not submitted twice.
        job = scene.job
        let files = SlurmFiles(folder: scene.folder.path(of: "g/jobs"), micrograph: job.micrograph.description)
        #expect(files.prepare() == nil)
        let order = try WorkerOrder(job).text()
        let id = try await SlurmScheduler(commands: cluster.commands).submit(
            ["--job-name=earlier", "--output=\(files.log)"], script: files.script,
            command: [cluster.program, "process", job.movie, "--worker-json", order, "--worker-result", files.result])
        #expect(files.save(SlurmRecord(order: order, name: "earlier", id: nil)) == nil)
        let counted = CountedCommands(cluster.commands)
        #expect(try await cluster.jobs(counted).process(job).shifts.count == 3)
        #expect(!counted.programs.contains("sbatch"))
        #expect(try await SlurmScheduler(commands: cluster.commands).state(of: id) == .completed)

        // A job that hangs, and is cancelled with its task: its program ends as well.
        var settings = ProcessingSettings()
        settings.motion = ExternalStep(
            program: .relion,
            command: [.always("sh"), .always("-c"), .always("exec 9>'\(scene.life.path)'; echo >&9; sleep 1000")])
        let hanging = settings
        let task = Task { () -> JobProblem? in
            do throws(JobProblem) {
                _ = try await cluster.jobs(settings: hanging).process(scene.job)
                return nil
            } catch { return error }
        }
        #expect(await scene.life.ready())
        task.cancel()
        #expect(await task.value?.wasCancelled == true)
        #expect(await scene.life.isOver())
    }
}

/// A SLURM of one node, ended with its last holder.
final class RealSlurm: Sendable {
    private let folder: TemporaryFolder
    let program: String
    let commands: any SchedulerCommands = LocalSchedulerCommands(clock: ContinuousClock())

    init() throws {
        folder = try TemporaryFolder()
        program =
            URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("gridpilot").path
        try Self.run([folder.path])
        setenv("SLURM_CONF", folder.path(of: "slurm.conf"), 1)
    }

    // Its folder goes with it.
    deinit { try? Self.run(["--stop", folder.path]) }

    func jobs(_ commands: (any SchedulerCommands)? = nil, settings: ProcessingSettings = ProcessingSettings()) -> SlurmJobs {
        var slurm = SlurmSettings()
        slurm.partition = "movies"
        slurm.interval = .milliseconds(200)
        return SlurmJobs(
            program: program, settings: settings, slurm: slurm, commands: commands ?? self.commands, clock: ContinuousClock(),
            newName: { "gridpilot-\(UInt64.random(in: 0 ... .max))" })
    }

    private static func run(_ arguments: [String]) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Slurm/start-slurm")
        let process = try Process.run(script, arguments: arguments)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}

/// Passes commands on and counts them.
final class CountedCommands: SchedulerCommands, @unchecked Sendable {
    // Only its own test's one job calls it.
    private(set) var programs: [String] = []
    private let commands: any SchedulerCommands

    init(_ commands: any SchedulerCommands) { self.commands = commands }

    func run(_ program: String, _ arguments: [String]) async throws(ChildProblem) -> ChildEnding {
        programs.append(program)
        return try await commands.run(program, arguments)
    }
}
