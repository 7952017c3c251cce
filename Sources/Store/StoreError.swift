import Blocking
import GRDB
import JSONText
import RunModel

/// Why the store refused or could not do something.
public enum StoreError: Explained, Equatable {
    /// The run that writes has lost its microscope to another.
    case fenced(MicroscopeID, writer: Int, stored: Int)
    /// The specimen of this micrograph was exposed, or may have been; `outcome` is nil while the exposure is open.
    case exposedAlready(MicrographID, outcome: String?)
    case illegalMove(of: String, IllegalMove)
    /// An event names something that its session does not have.
    case unknown(String)
    case nameTaken(name: String, group: String)
    case idTaken(String)
    /// Nobody else could do what is for staff alone.
    case lastStaff(String)

    case missingDirectory(path: String)
    /// A link stands there whose end is away.
    case leadsNowhere(path: String, target: String)
    case readOnly(path: String)
    case full(path: String)
    case damaged(path: String, detail: String)
    case foreign(path: String)
    case newer(path: String)
    case busy(path: String)
    /// By this program, which is ending.
    case closed(path: String)
    /// Its disk is silent: what was asked for may be done all the same, later.
    case noAnswer(path: String)
    /// The disk refuses for a reason of its own, in the system's words.
    case disk(path: String, reason: String)
    /// The file that this server opened stands no longer where it was.
    case gone(path: String, another: Bool)
    case unreadable(what: String, reason: String)
    case refused(path: String, detail: String)
    /// The change itself stands against what the store holds, however often it is tried.
    case contradicted(path: String, detail: String)

    /// Whether the same may be taken later: the disk is full, away or busy. Anything else is refused for good.
    public var mayPass: Bool {
        switch self {
        case .full, .busy, .noAnswer, .readOnly, .missingDirectory, .leadsNowhere, .disk, .gone, .refused, .damaged: true
        case .fenced, .exposedAlready, .illegalMove, .unknown, .nameTaken, .idTaken, .lastStaff, .foreign, .newer, .unreadable,
            .closed, .contradicted:
            false
        }
    }

    public var code: String { "store.\(word)" }

    private var word: String {
        switch self {
        case .fenced: "fenced"
        case .exposedAlready: "exposedAlready"
        case .illegalMove: "illegalMove"
        case .unknown: "unknown"
        case .nameTaken: "nameTaken"
        case .idTaken: "idTaken"
        case .lastStaff: "lastStaff"
        case .missingDirectory: "missingDirectory"
        case .leadsNowhere: "leadsNowhere"
        case .readOnly: "readOnly"
        case .full: "full"
        case .damaged: "damaged"
        case .foreign: "foreign"
        case .newer: "newer"
        case .busy: "busy"
        case .closed: "closed"
        case .noAnswer: "noAnswer"
        case .disk: "disk"
        case .gone: "gone"
        case .unreadable: "unreadable"
        case .refused: "refused"
        case .contradicted: "contradicted"
        }
    }
}

extension StoreError {
    public var sentence: String {
        switch self {
        case .fenced(let microscope, let writer, let stored):
            "This run held \(microscope) under number \(writer), but number \(stored) holds it now."
        case .exposedAlready(let micrograph, nil): "An exposure of \(micrograph) is still open."
        case .exposedAlready(let micrograph, let outcome?):
            "\(micrograph) was exposed before: \(Self.words[outcome] ?? outcome)."
        case .illegalMove(let what, let move): "\(what) is \(move.from) and cannot become \(move.to)."
        case .unknown(let what): "There is no \(what) in the store."
        case .nameTaken(let name, let group): "The group \(group) already has a session named \(name) of this day."
        case .idTaken(let id): "The id \(id) is already taken."
        case .lastStaff(let username): "\(username) is the last member of staff."
        case .missingDirectory(let path): "The directory of \(path) does not exist."
        case .leadsNowhere(let path, let target): "\(path) is a link to \(target), where there is nothing: is its disk mounted?"
        case .readOnly(let path): "\(path) cannot be written."
        case .full(let path): "The disk that holds \(path) is full; the last change was not written."
        case .damaged(let path, let detail): "\(path) is damaged: \(detail)."
        case .foreign(let path): "\(path) is not a GridPilot database."
        case .newer(let path): "\(path) was written by a newer GridPilot."
        case .busy(let path): "Another program keeps \(path) locked."
        case .closed(let path): "\(path) is closed."
        case .noAnswer(let path): "The disk that holds \(path) does not answer."
        case .disk(let path, let reason): "The disk that holds \(path) refuses: \(reason)."
        case .gone(let path, false): "\(path), which this server works on, is no longer there."
        case .gone(let path, true): "Another file stands where this server opened \(path)."
        case .unreadable(let what, let reason): "\(what) in the store cannot be read: \(reason)"
        case .refused(let path, let detail): "SQLite refused to work on \(path): \(detail)."
        case .contradicted(let path, let detail): "A change does not fit what \(path) holds, and was not written: \(detail)."
        }
    }

    private static let words = [
        "saved": "its movie is saved", "unknown": "nobody can tell how it ended", "left": "it was left as it is",
    ]

    public var remedy: String? {
        switch self {
        case .fenced: "Nothing more is written by it. Press Start to take the microscope anew."
        case .exposedAlready: "Settle that exposure first; a second one doubles the dose."
        case .illegalMove, .unknown: "Reload the page; if it stays, report this sentence."
        case .nameTaken, .idTaken: "Choose another name."
        case .lastStaff: "Make somebody else staff first."
        case .missingDirectory: "Create it, or name another with --data."
        case .leadsNowhere: "Mount it, or remove the link to begin anew without the database that it led to."
        case .readOnly: "Give the server's user the right to write the file and its directory."
        case .full: "Free space on that disk."
        case .damaged, .unreadable: "Stop the server, keep a copy of the file, and restore the last backup."
        case .foreign: "Move that file away, or name another directory with --data."
        case .newer: "Start the newer version, or name another directory with --data."
        case .busy: "End that program, then try again."
        case .closed: "Start the server again."
        case .noAnswer: "Check that disk; what waits for it goes on by itself."
        case .disk: "Check that disk: its space, and whether it is mounted so that it may be written to."
        case .gone(_, false):
            "Mount its disk again, or bring the file back. If only its log was removed, end the server in order (SIGTERM): it writes what it has into the "
                + "store; one that is killed loses that."
        case .gone(_, true): "Bring the file back that stood there, or start the server again to go on with the new one."
        case .refused: "Look at the disk, then start the server again."
        case .contradicted: "Press Start to go on from what the store holds; if it comes back, report this sentence."
        }
    }
}

extension StoreError {
    /// The same, found in a copy of that file.
    func about(_ path: String) -> StoreError {
        switch self {
        case .damaged(_, let detail): .damaged(path: path, detail: detail)
        case .foreign: .foreign(path: path)
        case .newer: .newer(path: path)
        default: self
        }
    }

    /// Words for what SQLite or the JSON reader says; return codes do not travel.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(sqlite: error, path: path)
        case let error as Errno: self.init(system: error, path: path)
        case let error as JSONProblem: self = .unreadable(what: "A value", reason: error.sentence)
        default: self = .refused(path: path, detail: "\(error)")
        }
    }

    init(system reason: Errno, path: String) {
        switch reason {
        case .noSpace, .diskQuotaExceeded: self = .full(path: path)
        case .permissionDenied, .notPermitted: self = .readOnly(path: path)
        default: self = .disk(path: path, reason: reason.words)
        }
    }

    private init(sqlite error: DatabaseError, path: String) {
        let detail = error.message ?? "code \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_NOTADB: self = .foreign(path: path)
        case .SQLITE_CORRUPT: self = .damaged(path: path, detail: detail)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: self = .readOnly(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG: self = .contradicted(path: path, detail: detail)
        case .SQLITE_CANTOPEN, .SQLITE_IOERR:
            if let reason = SystemReason.take(of: error, about: path) {
                self.init(system: reason, path: path)
            } else {
                self = .refused(path: path, detail: detail)
            }
        default: self = .refused(path: path, detail: detail)
        }
    }
}
