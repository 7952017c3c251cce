import ArgumentParser
import TestSupport

/// A stop at every step of a session, on a disk that answers and on one that does not.
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop-points", abstract: "Stops a session at each of its steps, with a silent disk too.")

    @Option(help: "How many threads share the work.") var threads = 2
    @Option(help: "This step alone, as in before-change-12 or half-way-from-command-5.") var point: CrashPoint?

    /// Fewer than there are, so that a session with fewer steps than it has is seen.
    private static let least = 200

    func run() throws {
        let reference = try CrashTrial.reference()
        let points = point.map { [$0] } ?? StopTrial.points(of: reference)
        for disk in StopTrial.Disk.allCases {
            let count = try Work(threads: threads).all(
                points, command: { "gridpilot-stories stop-points --point \($0.word)" }
            ) { try StopTrial.run($0, disk: disk, of: reference) ? 1 : 0 }
            print("\(count) of \(points.count) stops \(disk.words)")
            guard count == points.count, point != nil || count >= Self.least else { throw ExitCode.failure }
        }
    }
}
