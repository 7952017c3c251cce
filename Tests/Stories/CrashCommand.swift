import ArgumentParser
import Foundation
import TestSupport

/// Every step of a session as a place where the server ends, and every step of each recovery as a second one.
struct CrashCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crash-points",
        abstract: "Ends a session's server at each of its steps, and again at each step of the recovery.")

    @Option(help: "How many threads share the work.") var threads = 2
    @Option(help: "These ends alone, one after the other, as in before-change-12 or half-way-from-command-5.")
    var point: [CrashPoint] = []
    @Option(help: "On how many grids, where a point is given.") var grids = 2
    @Flag(help: "In passes, where a point is given.") var inPasses = false

    /// Fewer than there are, so that a session with fewer steps than it has, or recoveries without any, are seen.
    private static let leastPoints = 150
    private static let leastOfRecoveries = 4000

    func run() throws {
        guard point.isEmpty else { return try tellAgain() }
        // Over two grids once; over one, the recoveries too.
        let once = try ends(of: CrashTrial.reference(grids: 2), andOfRecoveries: false)
        let passes = try ends(of: CrashTrial.reference(grids: 2, .atlasesFirst), andOfRecoveries: false)
        let twice = try ends(of: CrashTrial.reference(grids: 1), andOfRecoveries: true)
        print("\(once + passes + twice) times a server ended")
        guard min(once, passes) >= 2 * Self.leastPoints, twice >= Self.leastOfRecoveries else {
            print("There were to be \(2 * Self.leastPoints) at least, and \(Self.leastOfRecoveries) with recoveries")
            throw ExitCode.failure
        }
    }

    private func tellAgain() throws {
        let isMet = try CrashTrial.run(point, of: CrashTrial.reference(grids: grids, inPasses ? .atlasesFirst : .screenEachGrid))
        print(isMet ? "Nothing is broken" : "Not each of these points is met")
    }

    private func ends(of reference: CrashSteps, andOfRecoveries isThorough: Bool) throws -> Int {
        let (points, changes) = (reference.points, reference.lastChange - reference.firstChange + 1)
        print(
            "\(points.count) points on \(reference.grids) grids\(reference.plan == .atlasesFirst ? " in passes" : ""): \(changes) changes of the store, \(reference.commands.count) commands"
        )
        let command: @Sendable ([CrashPoint]) -> String = { points in
            "gridpilot-stories crash-points --grids \(reference.grids) \(reference.plan == .atlasesFirst ? "--in-passes " : "")"
                + points.map { "--point \($0.word)" }.joined(separator: " ")
        }
        return try Work(threads: threads).all(points, command: { command([$0]) }) { point in
            guard try CrashTrial.run([point], of: reference) else {
                throw CrashTrial.Broken(problems: ["the point is never met"])
            }
            return 1 + (isThorough ? try recoveries(after: point, reference, command) : 0)
        }
    }

    /// Ends the recovery at each of its steps in turn, until it has become a run like any other.
    private func recoveries(
        after point: CrashPoint, _ reference: CrashSteps, _ command: @Sendable ([CrashPoint]) -> String
    ) throws -> Int {
        var count = 0
        for second in [Self.beforeWriting, Self.afterWriting, Self.atCommand] {
            var step = 1
            while true {
                let points = [point, second(step)]
                do { guard try CrashTrial.run(points, of: reference) else { break } } catch {
                    throw CrashTrial.Broken(problems: ["with a second end, \(command(points)): \(error)"])
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

extension CrashPoint: ExpressibleByArgument {
    public init?(argument: String) { self.init(word: argument) }
}
