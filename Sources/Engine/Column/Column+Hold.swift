import Microscope
import RunModel
import Store

// A store that cannot be written: nothing is done that nobody could write down, and nothing is lost by waiting.
extension Column {
    /// Closes the valves and waits until the store can be written. What was under way is then settled by asking, as after a lost link.
    func hold(for cause: StoreError) async throws(RunEnd) {
        await run.tell(trouble: cause, valvesClosed: nil)
        let isClosed = await closeForNow()
        try await run.waitForStore(cause, valvesClosed: isClosed)
    }

    /// False when nobody can say that they are closed.
    private func closeForNow() async -> Bool {
        guard isConnected else { return false }
        forgetHole()
        // From here on they are the run's to open again.
        hasOpenedValves = false
        let patience = Patience(kill: run.bell.kill, clock: run.clock)
        return await patience.outcome(within: microscope.leaveDeadlines.valves, close) == .done
    }
}
