import ArgumentParser
import Foundation
import TestSupport

/// Every step of a session as a place where the server ends, and every step of each recovery as a second one.
struct CrashCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crash-points",
        abstract: "Ends a session's server at each of its steps, and again at each step of the recovery.")

    @Option(help: "How many threads share the work.") var threads = 2

    func run() throws {
        // Over two grids once; over one, the recoveries too.
        let once = try ends(of: CrashTrial.reference(grids: 2), andOfRecoveries: false)
        let twice = try ends(of: CrashTrial.reference(grids: 1), andOfRecoveries: true)
        print("\(once + twice) times a server ended")
    }

    private func ends(of reference: CrashSteps, andOfRecoveries isThorough: Bool) throws -> Int {
        let (points, changes) = (reference.points, reference.lastChange - reference.firstChange + 1)
        print(
            "\(points.count) points on \(reference.grids) grids: \(changes) changes of the store, \(reference.commands.count) commands"
        )
        return try Work(threads: threads).all(points) { point in
            guard try CrashTrial.run([point], of: reference) else {
                throw CrashTrial.Broken(problems: ["the point is never met"])
            }
            return 1 + (isThorough ? try recoveries(after: point, reference) : 0)
        }
    }

    /// Ends the recovery at each of its steps in turn, until it has become a run like any other.
    private func recoveries(after point: CrashPoint, _ reference: CrashSteps) throws -> Int {
        var count = 0
        for second in [Self.beforeWriting, Self.afterWriting, Self.atCommand] {
            var step = 1
            while true {
                let points = [point, second(step)]
                do { guard try CrashTrial.run(points, of: reference) else { break } } catch {
                    throw CrashTrial.Broken(problems: ["then \(points[1]): \(error)"])
                }
                (step, count) = (step + 1, count + 1)
            }
        }
        return count
    }

    private static func beforeWriting(_ step: Int) -> CrashPoint { .store(change: step, isWritten: false) }
    private static func afterWriting(_ step: Int) -> CrashPoint { .store(change: step, isWritten: true) }
    private static func atCommand(_ step: Int) -> CrashPoint { .microscope(command: step, isHalfDone: false) }
}
