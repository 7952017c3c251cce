import Blocking
import Foundation
import Processing

// What the configuration's processing asks of this machine.
extension ProcessingEntry {
    /// Programs that are not there, each in a sentence; the cluster's commands among them. Those that run on nodes are not looked for here.
    func missingPrograms() -> [CommandProblem] {
        var wanted = runner == .slurm ? ["sbatch", "squeue", "scancel"] : []
        if runner == .workers { wanted += settings.steps.map(\.file) }
        return wanted.filter { !ProgramSearch.isFound($0) }.map {
            CommandProblem(
                "There is no program \($0), which the configuration's processing needs.",
                remedy: "Install it, put its folder on the PATH, or correct processing in the configuration.")
        }
    }

    func runner(program: String, disks: DiskLanes, newName: @escaping @Sendable () -> String) -> any JobRunner {
        switch runner {
        case .workers: WorkerProcesses(program: program, width: workers ?? WorkerCount.here, settings: settings)
        case .slurm:
            SlurmJobs(
                program: program, settings: settings, slurm: slurm, commands: LocalSchedulerCommands(clock: ContinuousClock()),
                clock: ContinuousClock(), disks: disks, newName: newName)
        }
    }
}

/// Whether a program can be run from here.
enum ProgramSearch {
    static func isFound(_ program: String) -> Bool {
        if program.contains("/") { return FileManager.default.isExecutableFile(atPath: program) }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }
}
