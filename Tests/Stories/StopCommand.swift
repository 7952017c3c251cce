import ArgumentParser
import TestSupport

/// A stop at every step of a session, on a disk that answers and on one that does not.
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop-points", abstract: "Stops a session at each of its steps, with a silent disk too.")

    @Option(help: "How many threads share the work.") var threads = 2

    func run() throws {
        let reference = try CrashTrial.reference()
        let points = StopTrial.points(of: reference)
        for silent in [false, true] {
            let count = try Work(threads: threads).all(points) { try StopTrial.run($0, disk: silent, of: reference) ? 1 : 0 }
            print("\(count) of \(points.count) stops \(silent ? "with a silent disk" : "with a disk that answers")")
            guard count == points.count else { throw ExitCode.failure }
        }
    }
}
