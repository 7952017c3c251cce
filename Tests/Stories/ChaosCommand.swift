import ArgumentParser
import Foundation
import Synchronization
import TestSupport

/// Careless operators, failing microscopes and disks, killed servers: a story for each seed.
struct ChaosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "chaos", abstract: "Tells one story for each seed.")

    @Option(help: "How many seeds.") var count = 20_000
    @Option(help: "The first seed.") var first: UInt64 = 0
    @Option(help: "This seed alone.") var seed: UInt64?
    @Option(help: "How many threads share the work.") var threads = 2

    func run() throws {
        let range = seed.map { $0..<($0 + 1) } ?? first..<(first + UInt64(count))
        let began = ContinuousClock.now
        let outcome = tell(range)
        for broken in outcome.broken { print("Commit \(Work.commit), \(broken)") }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        print(
            String(
                format: "%d stories in %.1f s, %.1f ms each on %d threads", outcome.told, seconds,
                1000 * seconds * Double(threads) / Double(max(outcome.told, 1)), threads))
        guard outcome.broken.isEmpty else { throw ExitCode.failure }
        guard range.count >= 1000 else { return }
        // One seed alone need not have met everything.
        print("Met: \(outcome.coverage.table)")
        let missing = outcome.coverage.missing(of: range.count)
        guard missing.isEmpty else {
            print("Met too seldom: \(missing.joined(separator: ", "))")
            throw ExitCode.failure
        }
    }

    private struct Outcome {
        var told = 0
        var broken: [String] = []
        var coverage = ChaosCoverage()
    }

    private func tell(_ range: Range<UInt64>) -> Outcome {
        let outcome = Mutex(Outcome())
        let next = Atomic(range.lowerBound)
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            while outcome.withLock({ $0.broken.count < 5 }) {
                let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard seed < range.upperBound else { return }
                let command = "gridpilot-stories chaos --seed \(seed)"
                LastWords.note(command, on: thread)
                let told = Result { try ChaosStory.tell(seed) }
                outcome.withLock { outcome in
                    outcome.told += 1
                    switch told {
                    case .success(let coverage): outcome.coverage.add(coverage)
                    case .failure(let error): outcome.broken.append("\(command): \(error)")
                    }
                }
            }
        }
        return outcome.withLock { $0 }
    }
}
