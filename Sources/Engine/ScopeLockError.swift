import RunModel

/// Why a run cannot have the microscope, or can no longer keep it.
public enum ScopeLockError: Explained, Equatable {
    case held(by: LockHolder)
    /// The lock file names a process that this server cannot judge, or that is another program's.
    case foreign(LockHolder)
    /// The lock went to another while this run held it.
    case lost(microscope: MicroscopeID)
    case files(RunFileError)

    public var code: String {
        switch self {
        case .held, .foreign: "scopeLock.held"
        case .lost: "scopeLock.lost"
        case .files: "scopeLock.files"
        }
    }
    /// Whose lock it is, where it is somebody's.
    public var holder: LockHolder? {
        switch self {
        case .held(let holder), .foreign(let holder): holder
        case .lost, .files: nil
        }
    }

    public var sentence: String {
        switch self {
        case .held(let holder):
            "\(holder.person) is running session \(holder.sessionName) on this microscope since \(holder.startedAt)."
        case .foreign(let holder):
            "\(holder.person) is running session \(holder.sessionName) on this microscope since \(holder.startedAt), "
                + "as its lock file says: process \(holder.pid) on \(holder.host)."
        case .lost(let microscope): "The lock on \(microscope) went to another run."
        case .files(let cause): cause.sentence
        }
    }
    public var remedy: String? {
        switch self {
        case .held(let holder): "Ask \(holder.person) to stop it, or wait until it finishes."
        case .foreign: "If that process is gone, staff can remove the scope lock file."
        case .lost: "Look at the other run; start this session again when the microscope is free."
        case .files(let cause): cause.remedy
        }
    }
}
