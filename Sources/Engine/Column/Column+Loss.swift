import Microscope
import RunModel

extension Column {
    /// Returns when the claim's beat has found out that the run has lost the microscope for good, with why; nil when it is over before.
    func untilLost() async -> RunEnd? {
        await held.watch.lost.wait()
        guard held.watch.lost.isSet, let ending = held.microscope.ending else { return nil }
        guard case .claimed(let other) = ending else { return RunEnd(ending) }
        await held.lock.noteSeen(other)
        // Unreadable: then it is told as to strangers.
        let reader = (try? await run.known())?.session.group ?? ""
        return .lockLost(.takenOver(other, reader: reader))
    }
}
