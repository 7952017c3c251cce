import TestSupport
import Testing

@testable import Engine

@Suite struct ConditionTests {
    @Test func `a signal wakes everybody who waits`() throws {
        let executor = SeededExecutor(seed: 1)
        let condition = Condition()
        let waiters = (0..<5).map { _ in executor.start { await condition.wait(after: 0) } }
        executor.runUntilIdle()
        condition.signal()
        try executor.complete { for waiter in waiters { try await waiter.value } }
        #expect(condition.generation == 1)
    }

    @Test func `a signal before the wait is not missed`() throws {
        let executor = SeededExecutor(seed: 1)
        let condition = Condition()
        let seen = condition.generation
        condition.signal()
        try executor.complete { await condition.wait(after: seen) }
    }

    @Test(arguments: [false, true]) func `a waiter that is cancelled waits no longer`(early: Bool) throws {
        let executor = SeededExecutor(seed: 1)
        let condition = Condition()
        let waiter = executor.start { await condition.wait(after: 0) }
        if !early { executor.runUntilIdle() }
        waiter.cancel()
        try executor.complete { try await waiter.value }
        #expect(condition.generation == 0)
    }

    @Test func `without a signal the wait goes on`() {
        let executor = SeededExecutor(seed: 1)
        let condition = Condition()
        #expect(throws: SeededExecutor.Unfinished(outcome: .idle)) { try executor.complete { await condition.wait(after: 0) } }
    }
}
