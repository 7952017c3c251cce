import Microscope
import RunModel
import Store

// A microscope that does not answer: said long before the link is given up.
extension ScopeLock {
    /// Said at once, and again each time that the silence has lasted twice as long; cleared when there is an answer.
    func tell(_ silence: MicroscopeSilence?, of number: Int) {
        guard let living, living.number == number else { return }
        guard let silence else {
            guard living.saidSilence != nil else { return }
            self.living?.saidSilence = nil
            record(.noticeCleared(NoticeCleared(id: NoticeID.microscopeSilent)), living)
            return
        }
        let seconds = Int(clamping: silence.seconds.rounded(.down))
        if let said = living.saidSilence, seconds >= said, seconds < 2 * said { return }
        self.living?.saidSilence = seconds
        record(.noticeRaised(silence.notice(at: parts.now())), living)
    }

    /// A run that waits for a person gives no command that would find its link broken.
    func tell(awayOf microscope: ClaimedMicroscope, of number: Int) {
        guard let living, living.number == number else { return }
        if let cause = microscope.away, !living.saidAway {
            let notice = Notice(
                id: NoticeID.microscopeLost, kind: .err, sentence: "Connection to the microscope lost.",
                detail: "\(cause.explanation) The run waits, and tries again every "
                    + "\(parts.settings.claimInterval.components.seconds) s. "
                    + (cause.remedy ?? "Check that the microscope control program is running."), raisedAt: parts.now())
            self.living?.saidAway = record(.noticeRaised(notice), living)
        } else if living.saidAway, microscope.isThere {
            self.living?.saidAway = false
            record(.noticeCleared(NoticeCleared(id: NoticeID.microscopeLost)), living)
        }
    }

    @discardableResult
    private func record(_ event: RunEvent, _ living: Registration) -> Bool {
        let fence = Fence(microscope: microscope, epoch: living.epoch)
        // A store that cannot take it holds the run by itself.
        return (try? journal.recordNow(Entry(session: living.holder.session, events: [event], fence: fence))) != nil
    }
}

extension MicroscopeSilence {
    fileprivate func notice(at moment: Timestamp) -> Notice {
        Notice(
            id: NoticeID.microscopeSilent, kind: .warn,
            sentence: "The microscope has not answered for \(Int(clamping: seconds.rounded(.down))) s.",
            detail:
                "It was asked for \(command). A message on its screen may be waiting for a click. Stop takes effect when it answers, "
                + "or when the link is given up after \(Int(deadline)) s; staff can force-kill at once.", raisedAt: moment)
    }
}
