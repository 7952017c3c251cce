import Synchronization
import Testing

@testable import WebServer

@Suite struct ServiceThreadTests {
    @Test func `a job that a callback leaves behind keeps the thread from sleeping`() async {
        let loop = ScriptedLoop()
        let station = Station()
        loop.callBack { station.assumeIsolated { station in _ = Task { station.note("from the callback") } } }
        await station.listen(loop)
        #expect(await loop.mayHaveSleptOverAJob() == false)
        #expect(await station.heard == ["from the callback"])
    }

    @Test func `a job from outside ends the sleep`() async {
        let loop = ScriptedLoop()
        let station = Station()
        await station.listen(loop)
        for number in 0..<1000 { await station.note("\(number)") }
        #expect(await station.heard == (0..<1000).map(String.init))
    }

    @Test func `jobs that a job leaves behind need no wake-up`() async {
        let loop = ScriptedLoop()
        let station = Station()
        await station.listen(loop)
        let interruptions = await withCheckedContinuation { end in
            Task { await station.chain(of: 100, in: loop, since: nil, end) }
        }
        #expect(interruptions == 0)
        #expect(await station.heard.count == 100)
    }

    @Test func `jobs run before there is a loop and after it has gone`() async {
        let loop = ScriptedLoop()
        let station = Station()
        await station.note("before")
        await station.listen(loop)
        await station.note("while listening")
        await station.stopListening()
        await station.note("after")
        #expect(await station.heard == ["before", "while listening", "after"])
    }
}

/// An actor on a service thread of its own.
private actor Station {
    private nonisolated let thread = ServiceThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private(set) var heard: [String] = []

    deinit { thread.retire() }

    func listen(_ loop: ScriptedLoop) { thread.adopt(loop) }

    func stopListening() { thread.abandonLoop() }

    func note(_ text: String) { heard.append(text) }

    /// Each job leaves the next one behind; the last one tells how many wake-ups there were since the first.
    func chain(of count: Int, in loop: ScriptedLoop, since: Int?, _ end: CheckedContinuation<Int, Never>) {
        let since = since ?? loop.interruptions
        guard count > 0 else { return end.resume(returning: loop.interruptions - since) }
        note("\(count)")
        Task { chain(of: count - 1, in: loop, since: since, end) }
    }
}

/// Stands in for the library: it calls back once before it would sleep, and looks then whether it may.
private final class ScriptedLoop: ServiceLoop {
    private struct State {
        var callback: (@Sendable () -> Void)?
        var interruptions = 0
    }
    private let state = Mutex(State())
    private let sleep = Semaphore()
    private let (looks, look) = AsyncStream<Bool>.makeStream()

    func callBack(_ callback: @escaping @Sendable () -> Void) { state.withLock { $0.callback = callback } }

    var interruptions: Int { state.withLock(\.interruptions) }

    func service() {
        guard let callback = state.withLock({ $0.callback.take() }) else { return sleep.wait() }
        let before = interruptions
        callback()
        // Here the library would look for packets, for as long as nobody interrupts.
        look.yield(interruptions == before)
    }

    func interrupt() {
        state.withLock { $0.interruptions += 1 }
        sleep.post()
    }

    /// Waits for the call back.
    func mayHaveSleptOverAJob() async -> Bool? {
        for await look in looks { return look }
        return nil
    }
}
