import RunModel

// Every wait of a run: each hears a stop and the end of its task at once.
extension RunSession {
    /// Between items and inside waits. From the first stop heard here on, the stop cannot be taken back.
    func checkpoint() throws(RunEnd) {
        if Task.isCancelled { throw .cancelled }
        guard let run, run.stopAsked else { return }
        if !run.isShuttingDown {
            self.run?.isShuttingDown = true
            try record([.shutdownBegan(Nothing())])
        }
        throw .stop
    }

    /// Rests for a duration of a real microscope; shorter, where a question is open, if it is answered.
    func rest(_ duration: Duration, unlessAnswered: Bool = false) async throws(RunEnd) {
        try checkpoint()
        try await pass(parts.settings.scaled(duration)) { [self] in
            run?.stopAsked != true && !(unlessAnswered && run?.decision != nil)
        }
        try checkpoint()
    }

    /// Waits until a condition holds, looked at whenever the bell rings.
    func wait(until condition: () -> Bool) async throws(RunEnd) {
        while true {
            let seen = bell.count
            try checkpoint()
            if condition() { return }
            await bell.wait(after: seen)
        }
    }

    /// Lets time pass while a condition holds; looks again at each ring of the bell.
    private func pass(_ duration: Duration, while condition: () -> Bool) async throws(RunEnd) {
        let timer = Timer(duration: duration, clock: parts.clock)
        while condition(), !timer.isOver, !Task.isCancelled {
            await timer.wait(orUntil: bell, after: bell.count)
        }
    }
}

/// A stretch of time on the engine's clock, that a bell can interrupt.
struct Timer: Sendable {
    private let isPast: @Sendable () -> Bool
    private let sleep: @Sendable () async -> Void

    init(duration: Duration, clock: any Clock<Duration>) {
        func make<C: Clock<Duration>>(_ clock: C) -> (@Sendable () -> Bool, @Sendable () async -> Void) {
            let end = clock.now.advanced(by: duration)
            return (
                { clock.now >= end },
                // Cancelled is over: whoever waits looks at its task next.
                { try? await clock.sleep(until: end, tolerance: nil) }
            )
        }
        (isPast, sleep) = make(clock)
    }

    var isOver: Bool { isPast() }

    func wait(orUntil bell: Bell, after count: Int) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await sleep() }
            group.addTask { await bell.wait(after: count) }
            await group.next()
            group.cancelAll()
        }
    }
}
