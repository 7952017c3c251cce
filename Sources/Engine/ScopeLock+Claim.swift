import Microscope
import RunModel

// The claim at the microscope, which other servers read.
extension ScopeLock {
    /// A run that was pushed out once comes back at once, and does not a second time within so long. Nobody starts again within it either.
    var truce: Duration { parts.settings.scaled(.seconds(60)) }

    /// What a run says at the microscope.
    func claim(of number: Int) throws(RunEnd) -> ScopeClaim {
        guard let living, living.number == number else { throw .lockLost(.lost(microscope: microscope)) }
        let holder = living.holder
        return ScopeClaim(
            installation: journal.store.identity, epoch: holder.epoch, session: holder.session, sessionName: holder.sessionName,
            group: holder.group, person: holder.person, host: holder.host, since: holder.startedAt)
    }

    func takesOver(_ number: Int) -> Bool { living?.number == number && living?.takesOver == true }

    func noteSeen(_ claim: ScopeClaim) { seenClaim = (claim, Timer(duration: truce, clock: parts.clock)) }
    func forgetSeenClaim() { seenClaim = nil }

    /// Another server's claim that was read a moment ago: a second look would push its run out for good.
    var claimInTruce: ScopeClaim? {
        guard let seenClaim, !seenClaim.looked.isOver else { return nil }
        return seenClaim.claim
    }
}
