import ArgumentParser
import Foundation
import Synchronization

/// Shares pieces of work among threads, and says which of them failed.
struct Work {
    let threads: Int

    /// As a failure names the program that it was found with.
    static var commit: String { ProcessInfo.processInfo.environment["GRIDPILOT_COMMIT"] ?? "this one" }

    /// The sum of what the pieces count; prints up to five that failed, and then fails.
    ///
    /// `command`: what tells a piece again.
    func all<Piece: Sendable>(
        _ pieces: [Piece], command: @escaping @Sendable (Piece) -> String, _ body: @escaping @Sendable (Piece) throws -> Int
    ) throws -> Int {
        let next = Atomic(0)
        let sum = Atomic(0)
        let broken = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            while broken.withLock({ $0.count < 5 }) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < pieces.count else { return }
                LastWords.note(command(pieces[index]), on: thread)
                do { sum.wrappingAdd(try body(pieces[index]), ordering: .relaxed) } catch {
                    broken.withLock { $0.append("Commit \(Self.commit), \(command(pieces[index])): \(error)") }
                }
            }
        }
        let lines = broken.withLock { $0 }
        for line in lines { print(line) }
        guard lines.isEmpty else { throw ExitCode.failure }
        return sum.load(ordering: .relaxed)
    }
}
