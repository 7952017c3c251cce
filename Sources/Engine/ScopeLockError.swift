import Microscope
import RunModel

/// Why a run cannot have the microscope, or can no longer keep it.
public enum ScopeLockError: Explained, Equatable {
    case held(by: LockHolder)
    /// The lock file names a process that this server cannot judge, or that is another program's.
    case foreign(LockHolder)
    /// Another server's run holds the microscope, as it says there. `reader`: the group that is told so.
    case claimed(ScopeClaim, reader: String)
    /// This server's own run has it, under another id.
    case underAnotherID(LockHolder, reader: String)
    /// Another server has taken the microscope from this run.
    case takenOver(ScopeClaim, reader: String)
    /// The lock went to another while this run held it.
    case lost(microscope: MicroscopeID)
    /// The lock file names another run while this one held the lock.
    case fileOfAnother(LockHolder, reader: String)
    /// What stands in the lock file's place is no file.
    case obstructed(path: String)
    /// The lock file is not this server's to read, so nobody can tell whose it is.
    case unreadable(path: String, reason: String)
    case files(RunFileError)

    public var code: String {
        switch self {
        case .held, .foreign, .claimed, .underAnotherID: "scopeLock.held"
        case .lost, .takenOver, .fileOfAnother: "scopeLock.lost"
        case .obstructed: "scopeLock.obstructed"
        case .unreadable: "scopeLock.unreadable"
        case .files: "scopeLock.files"
        }
    }
    /// Whose lock it is, where it is somebody's.
    public var holder: LockHolder? {
        switch self {
        case .held(let holder), .foreign(let holder): holder
        case .claimed, .underAnotherID, .takenOver, .lost, .fileOfAnother, .obstructed, .unreadable, .files: nil
        }
    }

    public var sentence: String {
        switch self {
        case .held(let holder):
            "\(holder.person) is running session \(holder.sessionName) on this microscope since \(holder.startedAt)."
        case .foreign(let holder):
            "\(holder.person) is running session \(holder.sessionName) on this microscope since \(holder.startedAt), "
                + "as its lock file says: process \(holder.pid) on \(holder.host)."
        case .claimed(let claim, let reader): claim.sentence(for: reader)
        case .underAnotherID(let holder, let reader):
            (holder.group == reader
                ? "\(holder.person) is running session \(holder.sessionName)" : "A session of another group is running")
                + " on this microscope, which this server has under another id as well."
        case .takenOver(let claim, let reader): claim.loss(for: reader)
        case .lost(let microscope): "The lock on \(microscope) went to another run."
        case .fileOfAnother(let other, let reader):
            "The scope lock file names "
                + (other.group == reader
                    ? "another run: \(other.person), process \(other.pid) on \(other.host)." : "a run of another group.")
        case .obstructed(let path): "Something that is no file stands where the scope lock file belongs: \(path)."
        case .unreadable(let path, let reason):
            "The scope lock file cannot be read, so nobody can tell whose it is: \(path): \(reason)."
        case .files(let cause): cause.sentence
        }
    }
    public var remedy: String? {
        switch self {
        case .held(let holder): "Ask \(holder.person) to stop it, or wait until it finishes."
        case .foreign: "If that process is gone, staff can remove the scope lock file."
        case .claimed(let claim, let reader):
            (reader == claim.group
                ? "Ask \(claim.person) to stop it, or wait until it finishes."
                : "Wait until it finishes, or ask the facility's staff.")
                + " Staff can take the microscope over with Force start."
        case .underAnotherID: "Wait until it finishes, and have one of the two taken out of the configuration."
        case .takenOver(let claim, let reader):
            "Ask \(reader == claim.group ? claim.person : "the facility's staff"); start this session again when the microscope is free."
        case .fileOfAnother: "Look at that run; start this session again when the microscope is free."
        case .obstructed: "Staff can move it aside with Remove scope lock file."
        case .unreadable(_, Self.unknownForm):
            "Look for a run of another program on this microscope. If there is none, staff can move the file aside with Remove scope lock file."
        case .unreadable:
            "Give the server's user the right to read it. If no run holds the microscope, staff can move it aside with Remove scope lock file."
        case .lost: "Look at the other run; start this session again when the microscope is free."
        case .files(let cause): cause.remedy
        }
    }
}

extension ScopeLockError {
    /// Of a lock file.
    static let unknownForm = "it names a holder in a form that is not known here"
}

extension ScopeClaim {
    // Whoever reads a session is not for that a reader of another group's: neither its name, nor its people, nor their computers.
    fileprivate func sentence(for reader: String) -> String {
        guard isKnown else { return sentence }
        return reader == group
            ? "\(person) is running session \(sessionName) on this microscope from another server, on \(host), since \(since)."
            : "A session of another group is running on this microscope from another server, since \(since)."
    }

    func holder(for reader: String) -> String { reader == group ? "\(person), on \(host)" : "another group" }

    fileprivate func loss(for reader: String) -> String {
        guard isKnown else { return sentence }
        return reader == group
            ? "The microscope was taken over for session \(sessionName) by \(person), from another server, on \(host)."
            : "The microscope was taken over for a session of another group, from another server."
    }
}
