import ArgumentParser
import Foundation
import Synchronization

/// Shares pieces of work among threads, and says which of them failed.
struct Work {
    let threads: Int

    /// The sum of what the pieces count; prints up to five that failed, and then fails.
    func all<Piece: Sendable>(_ pieces: [Piece], _ body: @escaping @Sendable (Piece) throws -> Int) throws -> Int {
        let next = Atomic(0)
        let sum = Atomic(0)
        let broken = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while broken.withLock({ $0.count < 5 }) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < pieces.count else { return }
                do { sum.wrappingAdd(try body(pieces[index]), ordering: .relaxed) } catch {
                    broken.withLock { $0.append("\(pieces[index]): \(error)") }
                }
            }
        }
        let lines = broken.withLock { $0 }
        for line in lines { print(line) }
        guard lines.isEmpty else { throw ExitCode.failure }
        return sum.load(ordering: .relaxed)
    }
}
