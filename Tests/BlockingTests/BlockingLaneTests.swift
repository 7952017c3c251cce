import Blocking
import Dispatch
import Synchronization
import Testing

/// A call that hangs until the test lets it go.
struct Hang: Sendable {
    private let release = DispatchSemaphore(value: 0)
    private let begun = AsyncStream.makeStream(of: Void.self)

    @Sendable func call() {
        begun.continuation.finish()
        release.wait()
    }

    func begins() async { for await _ in begun.stream {} }
    func end() { release.signal() }
}

@Suite struct BlockingLaneTests {
    private let hang = Hang()
    private let short = Duration.milliseconds(20)
    private let long = Duration.seconds(60)

    @Test func `a lane that is overdue with one call refuses the next at once, and says for how long it has been silent`()
        async throws
    {
        let lane = BlockingLane("disk at /share", width: 2)
        await #expect(throws: BlockingProblem.self) { try await lane.run(deadline: short, hang.call) }
        let problem = await #expect(throws: BlockingProblem.self) { try await lane.run(deadline: long) {} }
        guard case .silent("disk at /share", let duration) = problem else { return #expect(problem == nil) }
        #expect(duration >= short)
        hang.end()
    }

    @Test func `a lane serves again once the call that hung has come back`() async throws {
        let lane = BlockingLane("disk at /share")
        await #expect(throws: BlockingProblem.self) { try await lane.run(deadline: short, hang.call) }
        hang.end()
        // Without a deadline it waits its turn behind the one that hangs.
        #expect(try await lane.run { 42 } == 42)
        #expect(try await lane.run(deadline: long) { 43 } == 43)
        #expect(lane.silence == nil)
    }

    @Test func `a long call does not make a lane silent that has answered since`() async throws {
        let lane = BlockingLane("disk at /share", width: 2)
        await #expect(throws: BlockingProblem.self) { try await lane.run(deadline: short, hang.call) }
        #expect(lane.silence != nil)
        // Without a deadline it is asked nevertheless.
        #expect(try await lane.run { 42 } == 42)
        #expect(lane.silence == nil)
        #expect(try await lane.run(deadline: long) { 43 } == 43)
        hang.end()
    }

    @Test func `a lane that answered a long call's neighbour and then nothing more is silent`() async throws {
        let (lane, other) = (BlockingLane("disk at /share", width: 2), Hang())
        await #expect(throws: BlockingProblem.self) { try await lane.run(deadline: short, hang.call) }
        #expect(try await lane.run { 42 } == 42)
        await #expect(throws: BlockingProblem.self) { try await lane.run(deadline: short, other.call) }
        #expect(lane.silence != nil)
        for hang in [hang, other] { hang.end() }
    }

    @Test func `what was given up in the queue is not carried out any more`() async throws {
        let lane = BlockingLane("disk at /share")
        async let first: Void = lane.run(hang.call)
        await hang.begins()
        await #expect(throws: BlockingProblem.self) {
            try await lane.run(deadline: short) { Issue.record("carried out after its deadline") }
        }
        hang.end()
        try await first
        try await lane.run {}
    }

    @Test func `work of several steps hears that it is not wanted any more`() async throws {
        let lane = BlockingLane("disk at /share")
        let told = AsyncStream.makeStream(of: Bool.self)
        await #expect(throws: BlockingProblem.self) {
            try await lane.run(deadline: short) { isWanted in
                hang.call()
                told.continuation.yield(isWanted())
            }
        }
        hang.end()
        #expect(await told.stream.first { _ in true } == false)
    }

    @Test func `calls beyond what may wait are refused`() async throws {
        let lane = BlockingLane("store", waiting: 1)
        async let first: Void = lane.run(hang.call)
        await hang.begins()
        // Of ten more, one may wait and nine are refused.
        let answers = AsyncStream.makeStream(of: BlockingProblem?.self)
        let tasks = (1...10).map { _ in
            Task {
                do throws(BlockingProblem) {
                    try await lane.run {}
                    answers.continuation.yield(nil)
                } catch { answers.continuation.yield(error) }
            }
        }
        var refused: [BlockingProblem?] = []
        for await answer in answers.stream {
            refused.append(answer)
            if refused.count == 9 { break }
        }
        hang.end()
        try await first
        for task in tasks { await task.value }
        #expect(refused == Array(repeating: .full("store"), count: 9))
    }

    @Test func `a cancelled caller that only reads is let go at once`() async throws {
        let lane = BlockingLane("disk at /share")
        let caller = Task { try await lane.run(endsWhenCancelled: true, hang.call) }
        await hang.begins()
        caller.cancel()
        await #expect(throws: BlockingProblem.cancelled) { try await caller.value }
        hang.end()
    }

    @Test func `a cancelled caller that changes something waits for its end`() async throws {
        let lane = BlockingLane("disk at /share")
        let caller = Task {
            try await lane.run {
                hang.call()
                return 42
            }
        }
        await hang.begins()
        caller.cancel()
        hang.end()
        #expect(try await caller.value == 42)
    }

    @Test func `a lane that may hang in one question tries the next one besides, as long as it has threads`() async throws {
        let lane = BlockingLane("store", width: 2, patienceBesides: .milliseconds(20))
        let gate = DispatchSemaphore(value: 0)
        await #expect(throws: BlockingProblem.self) { try await lane.run(deadline: .milliseconds(1)) { gate.wait() } }
        #expect(lane.silence != nil)
        #expect(try await lane.run(deadline: .seconds(600)) { 7 } == 7)
        #expect(lane.silence == nil)
        gate.signal()
    }

    @Test func `a call that is tried besides has not as long as it asks for, and when every thread hangs none is tried`()
        async throws
    {
        let lane = BlockingLane("store", width: 2, patienceBesides: .milliseconds(20))
        let gate = DispatchSemaphore(value: 0)
        let asked = Mutex(false)
        for deadline in [Duration.milliseconds(1), .seconds(600)] {
            await #expect(throws: BlockingProblem.self) { try await lane.run(deadline: deadline) { gate.wait() } }
        }
        await #expect(throws: BlockingProblem.self) {
            try await lane.run(deadline: .seconds(600)) { asked.withLock { $0 = true } }
        }
        #expect(!asked.withLock { $0 })
        for _ in 1...2 { gate.signal() }
    }

    @Test func `a problem says what is silent, for how long and what to do`() {
        let problem = BlockingProblem.silent("disk at /share", for: .milliseconds(12_600))
        #expect(problem.sentence == "The disk at /share has not answered for 12 s.")
        #expect(problem.remedy == "Check that it is mounted and that the machine it belongs to runs.")
        #expect(BlockingProblem.full("disk at /share").sentence == "Too many calls wait for the disk at /share.")
    }
}
