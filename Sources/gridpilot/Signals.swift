import Dispatch
import Glibc

/// SIGTERM, Ctrl-C and a terminal that is closed: the first asks for an orderly end, the second ends at once.
final class Signals: Sendable {
    /// Only kept alive: nothing touches them after `init`.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
    /// Yields once, when the end is asked for.
    let endAsked: AsyncStream<Void>

    /// Comes back when signals are listened to: whoever reads that the program is up may end it at once.
    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        endAsked = stream
        let queue = DispatchQueue(label: "signals")
        let asked = AskedOnce(continuation)
        // A page that hangs up in the middle of an answer is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        // Nor are signals that nobody here sends: unheard, each would end the program as a crash does.
        for number in [SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO] { signal(number, SIG_IGN) }
        let listening = DispatchGroup()
        sources = Self.endings().map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { @Sendable in asked.ask(by: number) }
            listening.enter()
            // Until this is called the signal is ignored, and lost.
            source.setRegistrationHandler { @Sendable in listening.leave() }
            source.resume()
            return source
        }
        listening.wait()
    }

    /// Whoever starts it with nohup wants it to outlive the terminal.
    private static func endings() -> [Int32] {
        var hangUp = sigaction()
        sigaction(SIGHUP, nil, &hangUp)
        // Ignoring is written as the address 1, for which C has a cast that Swift does not take over.
        let isIgnored = unsafeBitCast(hangUp.__sigaction_handler.sa_handler, to: Int.self) == 1
        return [SIGTERM, SIGINT] + (isIgnored ? [] : [SIGHUP])
    }

    /// Only used on the signals' queue.
    private final class AskedOnce: @unchecked Sendable {
        private let continuation: AsyncStream<Void>.Continuation
        private var isAsked = false

        init(_ continuation: AsyncStream<Void>.Continuation) { self.continuation = continuation }

        func ask(by number: Int32) {
            // The shell and the kernel may both tell of one terminal.
            if isAsked, number == SIGHUP { return }
            if isAsked { _exit(128 + number) }
            isAsked = true
            continuation.yield()
            continuation.finish()
        }
    }
}
