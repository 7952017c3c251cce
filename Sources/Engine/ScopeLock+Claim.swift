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
            installation: parts.installation, epoch: holder.epoch, session: holder.session, sessionName: holder.sessionName,
            group: holder.group, person: holder.person, host: holder.host, since: holder.startedAt)
    }

    func takesOver(_ number: Int) -> ScopeClaim? { living?.number == number ? living?.takesOver : nil }

    func noteSeen(_ claim: ScopeClaim) {
        seenClaim = SeenClaim(
            claim: claim, truce: Timer(duration: truce, clock: parts.clock),
            isFresh: Timer(duration: parts.settings.scaled(.seconds(600)), clock: parts.clock))
    }
    func forgetSeenClaim() { seenClaim = nil }

    /// Another server's claim that was read a moment ago: a second look would push its run out once more.
    var claimInTruce: ScopeClaim? { seenClaim.flatMap { $0.truce.isOver ? nil : $0.claim } }

    /// What staff are told of, and may take the microscope from. After ten minutes somebody has to look again.
    var shownClaim: ScopeClaim? { seenClaim.flatMap { $0.isFresh.isOver ? nil : $0.claim } }

    /// By session: this server's runs that hold a microscope under another id, which may be this very one by another of its names.
    func elsewhere() -> [SessionID: LockHolder] {
        // Unreadable: the check in front of each command ends the run.
        let holders = (try? journal.store.holders()) ?? [:]
        return Dictionary(holders.filter { $0.key != microscope }.map { ($0.value.session, $0.value) }) { first, _ in first }
    }

    /// A SerialEM that was restarted without its variables, or one that never kept any: once for each run.
    func sayUnkept(_ microscope: ClaimedMicroscope) {
        guard microscope.takeUnkept() else { return }
        say(.warning, "The microscope program keeps no variables, so other servers cannot see that this run holds it.")
    }
}

/// Another server's claim as it was read at the microscope.
struct SeenClaim {
    let claim: ScopeClaim
    /// Nobody looks again before it is over.
    let truce: Timer
    let isFresh: Timer
}
