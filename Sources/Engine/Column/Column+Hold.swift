import Microscope
import RunModel
import Store

// A store that cannot be written: nothing is done that nobody could write down, and nothing is lost by waiting.
extension Column {
    /// Closes the valves and waits until the store can be written. What was under way is then settled by asking, as after a lost link.
    func hold(for cause: StoreError) async throws(RunEnd) {
        await run.tell(trouble: cause, valvesClosed: nil)
        try await run.waitForStore(cause) { [self] () async throws(RunEnd) in try await closeForNow() }
    }

    /// False when nobody can say that they are closed.
    private func closeForNow() async throws(RunEnd) -> Bool {
        guard hasEntered else { return false }
        forgetHole()
        // From here on they are the run's to open again.
        hasOpenedValves = false
        held.gate.beginClosing()
        defer { held.gate.endClosing() }
        let patience = Patience(kill: run.bell.kill, clock: run.clock)
        let deadlines = microscope.leaveDeadlines
        let outcome =
            isConnected
            ? await patience.outcome(within: deadlines.valves, closeOverThisLink)
            : await patience.outcome(within: deadlines.connect + deadlines.valves, unless: run.bell.stopAsked, closeOverNewLink)
        switch outcome {
        case .done: return true
        case .undone: return false
        case .stopped: throw .link(.operatorStopped)
        case .foreign(let cause): throw .lockLost(cause)
        }
    }

    private func closeOverThisLink() async throws(RunEnd) {
        do throws(RunEnd) { try await close() } catch {
            if case .link(let cause) = error { noteLost(cause) }
            throw error
        }
    }

    /// The lock cannot be taken anew without the store, so the link serves for nothing else: the run comes back over one of its own.
    private func closeOverNewLink() async throws(RunEnd) {
        // Whoever took it twice in a row would be pushed out again.
        if let lost, lost.mayBeReplaced, !held.microscope.mayReturn { throw .link(.displaced) }
        let isReturn = lost?.mayBeReplaced == true
        // The claim stays until the valves are closed.
        await held.microscope.hangUp()
        try await reconnectAndClose()
        if isReturn, foundOwnClaim { held.microscope.noteReturn() }
        noteLost(.linkLost("and was opened again to close the valves"))
    }
}
