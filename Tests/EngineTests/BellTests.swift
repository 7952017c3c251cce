import TestSupport
import Testing

@testable import Engine

@Suite struct BellTests {
    @Test func `a ring wakes everybody who waits`() throws {
        let executor = SeededExecutor(seed: 1)
        let bell = Bell()
        let waiters = (0..<5).map { _ in executor.start { await bell.wait(after: 0) } }
        executor.runUntilIdle()
        bell.ring()
        try executor.complete { for waiter in waiters { try await waiter.value } }
        #expect(bell.count == 1)
    }

    @Test func `a ring before the wait is not missed`() throws {
        let executor = SeededExecutor(seed: 1)
        let bell = Bell()
        let seen = bell.count
        bell.ring()
        try executor.complete { await bell.wait(after: seen) }
    }

    @Test(arguments: [false, true]) func `who is cancelled waits no longer`(early: Bool) throws {
        let executor = SeededExecutor(seed: 1)
        let bell = Bell()
        let waiter = executor.start { await bell.wait(after: 0) }
        if !early { executor.runUntilIdle() }
        waiter.cancel()
        try executor.complete { try await waiter.value }
        #expect(bell.count == 0)
    }

    @Test func `without a ring the wait goes on`() {
        let executor = SeededExecutor(seed: 1)
        let bell = Bell()
        #expect(throws: SeededExecutor.Unfinished(outcome: .idle)) { try executor.complete { await bell.wait(after: 0) } }
    }
}
