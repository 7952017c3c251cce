/// What looks after a held microscope beside its run, as long as nobody leaves it.
struct ScopeWatch: Sendable {
    let leaving = Latch()
    /// Nothing that is under way is waited for any more.
    let cut = Latch()
    let hasEnded = Latch()
    /// The run has lost the microscope while it waited; the claimed microscope knows to whom.
    let lost = Latch()

    /// Whoever leaves the column has the link for themselves from here on.
    func end() async {
        leaving.set()
        cut.set()
        await hasEnded.wait()
    }

    /// The same, with a second for a renewal that is under way: cut short, it would close the link over which the valves are to be closed.
    /// Whoever force-kills waits for none.
    func end(unless kill: Latch, clock: any Clock<Duration>) async {
        leaving.set()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await hasEnded.wait() }
            group.addTask { await kill.wait() }
            // Cancelled is over.
            group.addTask { try? await clock.sleep(for: .seconds(1)) }
            await group.next()
            group.cancelAll()
        }
        await end()
    }
}
