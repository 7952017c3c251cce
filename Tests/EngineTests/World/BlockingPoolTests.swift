import Dispatch
import Engine
import Testing

@Suite struct BlockingPoolTests {
    @Test func `a call that hangs costs its caller the deadline and the pool one thread`() async throws {
        let pool = BlockingPool(label: "test", width: 2)
        let disk = DispatchSemaphore(value: 0)
        defer { disk.signal() }
        await #expect(throws: BlockingPoolProblem.tooSlow) { try await pool.run(deadline: .milliseconds(20)) { disk.wait() } }
        #expect(try await pool.run(deadline: .seconds(60)) { 42 } == 42)
    }

    @Test func `calls beyond what may wait are refused at once`() async throws {
        let pool = BlockingPool(label: "test", width: 1, waiting: 1)
        let (began, disk) = (AsyncStream.makeStream(of: Void.self), DispatchSemaphore(value: 0))
        async let hanging: Void = pool.run {
            began.continuation.finish()
            disk.wait()
        }
        for await _ in began.stream {}
        // The thread hangs: of ten more, one may wait and nine are refused.
        let answers = AsyncStream.makeStream(of: Bool.self)
        let tasks = (1...10).map { number in
            Task {
                let answer = try? await pool.run { number }  // A refusal is what is counted.
                answers.continuation.yield(answer != nil)
            }
        }
        var refused = 0
        for await wasTaken in answers.stream {
            refused += wasTaken ? 0 : 1
            if refused == 9 { break }
        }
        disk.signal()
        try await hanging
        for task in tasks { await task.value }
        #expect(refused == 9)
    }
}
