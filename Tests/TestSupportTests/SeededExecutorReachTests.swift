import Synchronization
import TestSupport
import Testing

/// What Swift runs where: all of these must stay on the seeded executor, or a run is not repeatable.
@Suite struct SeededExecutorReachTests {
    let executor = SeededExecutor(seed: 7)

    /// Notes whether each place it was called from runs on the executor.
    final class Places: Sendable {
        private let executor: SeededExecutor
        private let places = Mutex<[(String, Bool)]>([])

        init(_ executor: SeededExecutor) { self.executor = executor }

        func note(_ place: String) {
            let isHere = executor.isRunningHere
            places.withLock { $0.append((place, isHere)) }
        }

        var seen: Int { places.withLock { $0.count } }
        var outside: [String] { places.withLock { $0.filter { !$0.1 }.map(\.0) } }
    }

    actor Plain {
        let places: Places
        let clock: VirtualClock
        init(_ places: Places, _ clock: VirtualClock) { (self.places, self.clock) = (places, clock) }

        func work() async throws {
            places.note("a default actor")
            try await clock.sleep(for: .seconds(1))
            places.note("a default actor after a sleep")
        }

        func startTask() -> Task<Void, Never> {
            Task { places.note("a task made in a default actor") }
        }
    }

    actor Named {
        let lane: SeededLane
        let places: Places
        let plain: Plain
        nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }
        init(_ executor: SeededExecutor, _ places: Places, _ plain: Plain) {
            (lane, self.places, self.plain) = (executor.makeLane(), places, plain)
        }

        func work() async throws {
            preconditionIsolated()
            places.note("an actor with a lane")
            try await plain.work()
            preconditionIsolated()
            places.note("an actor with a lane, back from a default actor")
        }

        func startTask() -> Task<Void, Never> {
            Task { places.note("a task made in an actor with a lane") }
        }

        func sleepWithoutClock() async throws {
            try await Task.sleep(for: .seconds(3600))
            preconditionIsolated()
            places.note("an actor with a lane after Task.sleep")
        }
    }

    @Test func `a default actor stays on it`() throws {
        let places = Places(executor)
        let plain = Plain(places, executor.clock)
        try executor.complete { try await plain.work() }
        #expect(places.outside == [])
        #expect(places.seen == 2)
    }

    @Test func `an actor with a lane stays on it, and so does what it calls`() throws {
        let places = Places(executor)
        let named = Named(executor, places, Plain(places, executor.clock))
        try executor.complete { try await named.work() }
        #expect(places.outside == [])
        #expect(places.seen == 4)
    }

    @Test func `child tasks of groups stay on it`() throws {
        let (places, clock) = (Places(executor), executor.clock)
        let plain = Plain(places, clock)
        try executor.complete {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        places.note("a child")
                        try await clock.sleep(for: .seconds(1))
                        places.note("a child after a sleep")
                        try await plain.work()
                    }
                }
                try await group.waitForAll()
                places.note("after the group")
            }
            await withDiscardingTaskGroup { group in
                group.addTask { places.note("a child of a discarding group") }
            }
        }
        #expect(places.outside == [])
        #expect(places.seen == 14)
    }

    @Test func `async let stays on it`() throws {
        let (places, clock) = (Places(executor), executor.clock)
        try executor.complete {
            async let first: Void = {
                places.note("async let")
                try await clock.sleep(for: .seconds(2))
            }()
            async let second: Void = {
                places.note("async let")
                try await clock.sleep(for: .seconds(1))
            }()
            _ = try await (first, second)
            places.note("after async let")
        }
        #expect(places.outside == [])
        #expect(places.seen == 3)
        #expect(executor.now == VirtualInstant(sinceStart: .seconds(2)))
    }

    @Test func `iterating a stream stays on it`() throws {
        let (places, clock) = (Places(executor), executor.clock)
        let (stream, feed) = AsyncStream.makeStream(of: Int.self)
        executor.start {
            for number in 0..<3 {
                try await clock.sleep(for: .seconds(1))
                feed.yield(number)
            }
            feed.finish()
        }
        try executor.complete {
            for await _ in stream { places.note("in a stream") }
            places.note("after a stream")
        }
        #expect(places.outside == [])
        #expect(places.seen == 4)
    }

    @Test func `continuations and cancellation handlers stay on it`() throws {
        let (places, clock, executor) = (Places(executor), executor.clock, executor)
        try executor.complete {
            await withCheckedContinuation { continuation in
                places.note("in a continuation")
                continuation.resume()
            }
            let sleeper = Task(executorPreference: executor) {
                await withTaskCancellationHandler {
                    // The sleep ends by the cancellation that this test is about.
                    try? await clock.sleep(for: .seconds(9))
                    places.note("after a cancelled sleep")
                } onCancel: {
                    places.note("in onCancel")
                }
            }
            await Task.yield()
            places.note("after a yield")
            sleeper.cancel()
            await sleeper.value
            places.note("after the task's value")
        }
        #expect(places.outside == [])
        #expect(places.seen == 5)
        #expect(executor.now == .start)
    }

    @Test func `a preference set inside keeps to it`() throws {
        let (places, executor) = (Places(executor), executor)
        let plain = Plain(places, executor.clock)
        try executor.complete {
            try await withTaskExecutorPreference(executor) {
                places.note("with the preference")
                try await plain.work()
            }
        }
        #expect(places.outside == [])
        #expect(places.seen == 3)
    }

    @Test func `it works as any clock of durations`() throws {
        let clock: any Clock<Duration> = executor.clock
        let places = Places(executor)
        try executor.complete {
            let start = clock.now
            try await clock.sleep(for: .milliseconds(1500))
            places.note("after a sleep on any clock")
            _ = start
        }
        #expect(places.outside == [])
        #expect(executor.now == VirtualInstant(sinceStart: .milliseconds(1500)))
    }

    @Test func `a plain task is caught, counted and runs here all the same`() throws {
        let places = Places(executor)
        let plain = Plain(places, executor.clock)
        try executor.complete {
            let task = Task {
                places.note("a plain task")
                await Task.yield()
                places.note("a plain task after a yield")
                try await plain.work()
                async let child: Void = places.note("a child of a plain task")
                await child
            }
            try await task.value
            await Task.detached { places.note("a detached task") }.value
            await plain.startTask().value
        }
        #expect(places.outside == [])
        #expect(places.seen == 7)
        #expect(executor.strays > 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a sleep that forgot its clock is caught, counted and takes virtual time`() throws {
        let places = Places(executor)
        let named = Named(executor, places, Plain(places, executor.clock))
        try executor.complete {
            try await named.sleepWithoutClock()
            try await Task { try await ContinuousClock().sleep(for: .seconds(3600)) }.value
            places.note("after a plain task's sleep")
        }
        #expect(places.outside == [])
        #expect(executor.now >= VirtualInstant(sinceStart: .seconds(7100)))
        #expect(executor.strays > 1)
    }

    @Test func `a task made in an actor with a lane is no stray`() throws {
        let places = Places(executor)
        let named = Named(executor, places, Plain(places, executor.clock))
        try executor.complete { await named.startTask().value }
        #expect(places.outside == [])
        #expect(executor.strays == 0)
    }

    @Test func `tasks that name it or live in groups are no strays`() throws {
        let (places, executor) = (Places(executor), executor)
        let plain = Plain(places, executor.clock)
        try executor.complete {
            try await Task(executorPreference: executor) { try await plain.work() }.value
            async let child: Void = plain.work()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await plain.work() }
                try await group.next()
            }
            try await child
        }
        #expect(places.outside == [])
        #expect(executor.strays == 0)
    }
}
