import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct TestClockTests {
    let clock = TestClock()

    @Test func `a sleep ends when the clock has moved past it`() async throws {
        let clock = clock
        let sleeper = Task { try await clock.sleep(for: .seconds(10)) }
        #expect(try await clock.nextSleep() == .seconds(10))
        clock.advance(by: .seconds(9))
        #expect(clock.sleeperCount == 1)
        clock.advance(by: .seconds(1))
        try await sleeper.value
        #expect(clock.now == VirtualInstant(sinceStart: .seconds(10)))
    }

    @Test func `each sleep is told of once`() async throws {
        let clock = clock
        let sleepers = Task {
            try await clock.sleep(for: .seconds(1))
            try await clock.sleep(for: .seconds(2))
        }
        #expect(try await clock.nextSleep() == .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(try await clock.nextSleep() == .seconds(2))
        clock.advance(by: .seconds(2))
        try await sleepers.value
    }

    @Test func `who watches before anybody sleeps hears of the first to do so`() async throws {
        let clock = clock
        async let asked = clock.nextSleep()
        let sleeper = Task { try await clock.sleep(for: .seconds(3)) }
        #expect(try await asked == .seconds(3))
        clock.advance(by: .seconds(3))
        try await sleeper.value
    }

    @Test func `a cancelled sleep ends at once and is not told of`() async throws {
        let clock = clock
        let cancelled = Task { try await clock.sleep(for: .seconds(1)) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let sleeper = Task { try await clock.sleep(for: .seconds(2)) }
        #expect(try await clock.nextSleep() == .seconds(2))
        clock.advance(by: .seconds(2))
        try await sleeper.value
    }

    @Test func `a sleep cancelled in the middle ends without the clock moving`() async throws {
        let clock = clock
        let sleeper = Task { try await clock.sleep(for: .seconds(1)) }
        _ = try await clock.nextSleep()
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(clock.now == .start)
        #expect(clock.sleeperCount == 0)
    }

    @Test func `a sleep that lies in the past returns at once`() async throws {
        clock.advance(by: .seconds(5))
        try await clock.sleep(until: VirtualInstant(sinceStart: .seconds(5)))
        #expect(clock.sleeperCount == 0)
    }

    @Test func `watching can be cancelled`() async throws {
        let clock = clock
        let watcher = Task { try await clock.nextSleep() }
        watcher.cancel()
        await #expect(throws: CancellationError.self) { _ = try await watcher.value }
    }

    @Test func `it works as any clock of durations`() async throws {
        let clock = clock
        let any: any Clock<Duration> = clock
        let sleeper = Task { try await any.sleep(for: .seconds(4)) }
        #expect(try await clock.nextSleep() == .seconds(4))
        clock.advance(by: .seconds(4))
        try await sleeper.value
    }
}
