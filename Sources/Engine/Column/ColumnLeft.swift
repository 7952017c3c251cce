import RunModel

/// How the column was left.
struct ColumnLeft: Equatable {
    /// What was found and done, a sentence each.
    let found: [String]
    /// What somebody must know of after the run's end: its id, kind, sentence and what to do.
    var notice: (id: String, kind: Notice.Kind, sentence: String, detail: String)?

    static func == (a: ColumnLeft, b: ColumnLeft) -> Bool { a.found == b.found && a.notice?.id == b.notice?.id }

    func notice(at moment: Timestamp) -> Notice? {
        notice.map { Notice(id: $0.id, kind: $0.kind, sentence: $0.sentence, detail: $0.detail, raisedAt: moment) }
    }

    static let closed = ColumnLeft(found: ["Valves closed.", "Connection closed."], notice: nil)
    static let silent = ColumnLeft(
        found: ["The microscope did not answer in time: check the column valves.", "Connection closed."],
        notice: (
            NoticeID.valves, .err, "Check the column valves.",
            "The microscope did not answer when the run ended, so nobody can say that they are closed."
        ))
    /// Whoever presses STOP wants the microscope: nothing is closed under their hands.
    static let operators = ColumnLeft(
        found: ["The microscope was left to whoever pressed STOP."],
        notice: (
            NoticeID.operatorStopped, .err, "Somebody pressed STOP in SerialEM.",
            "The run has ended and left the microscope to them; the column valves are as they were. "
                + "Restart SerialEM if it does not obey any more, then press Start."
        ))
    /// Nor under those of a program that takes the link again and again.
    static let displaced = ColumnLeft(
        found: ["The microscope was left to the program that connects to it."],
        notice: (
            NoticeID.scopeLock, .err, "Another program uses the microscope.",
            "It has taken this run's connection twice within a minute. The run has ended and left the microscope to it; the column valves "
                + "are as they were. Find the program that connects to SerialEM, then press Start."
        ))
    /// It belongs to another run, which the run's end names where this server does not know it anyway.
    static func foreign(_ cause: ScopeLockError) -> ColumnLeft {
        var left = ColumnLeft(found: ["The microscope belongs to another run and was left alone."], notice: nil)
        switch cause {
        case .claimed, .underAnotherID, .takenOver, .fileOfAnother:
            left.notice = (NoticeID.scopeLock, .err, cause.sentence, cause.remedy ?? "")
        case .held, .foreign, .lost, .obstructed, .unreadable, .files: break
        }
        return left
    }
}
