/// A stretch of time on the engine's clock, that a change can interrupt.
struct Timer: Sendable {
    private let isPast: @Sendable () -> Bool
    private let sleep: @Sendable () async -> Void

    init(duration: Duration, clock: any Clock<Duration>) {
        func make<C: Clock<Duration>>(_ clock: C) -> (@Sendable () -> Bool, @Sendable () async -> Void) {
            let end = clock.now.advanced(by: duration)
            return (
                { clock.now >= end },
                // A cancelled sleep counts as over: the waiter looks at its own task next.
                { try? await clock.sleep(until: end, tolerance: nil) }
            )
        }
        (isPast, sleep) = make(clock)
    }

    var isOver: Bool { isPast() }

    func wait(orUntil changes: Condition, after generation: Int) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await sleep() }
            group.addTask { await changes.wait(after: generation) }
            await group.next()
            group.cancelAll()
        }
    }
}
