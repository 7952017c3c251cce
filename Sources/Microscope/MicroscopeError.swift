import RunModel

/// What can go wrong at the column, in the operator's words.
public enum MicroscopeError: Explained, Equatable {
    case linkLost(String)
    case refused(String)
    /// The microscope program ended a command and said nothing of why.
    case noReason(command: String)
    case busy
    /// Another server's run holds the microscope: nothing was done.
    case claimed(ScopeClaim)
    /// Somebody else takes the link again and again, and this run leaves it to them.
    case displaced
    /// The gate was shut: this run has lost the microscope, and the command was not sent.
    case notHeld
    case timedOut(command: String, seconds: Double)
    case operatorStopped
    case loaderJam(slot: Int)
    case slotEmpty(slot: Int)
    case valveClosed
    case outOfReach(String)
    case notAligned(correlation: Double)
    case fileNotWritten(path: String, reason: String)
    /// A movie that is whole, and cannot be brought to its session.
    case movieHeld(path: String, reason: String)
    /// Nobody could look at the file, which says nothing about it.
    case diskSilent(path: String)
    /// The folder that a file should be in is not there: its disk may not be mounted.
    case folderMissing(path: String)
    /// The microscope program is of a version that has no such command.
    case unknownCommand(String)
    /// The task was cancelled: the run is ending.
    case cancelled

    public var code: String {
        switch self {
        case .linkLost: "microscope.linkLost"
        case .refused: "microscope.refused"
        case .noReason: "microscope.noReason"
        case .busy: "microscope.busy"
        case .claimed: "scopeLock.held"
        case .displaced: "microscope.displaced"
        case .notHeld: "scopeLock.lost"
        case .timedOut: "microscope.timedOut"
        case .operatorStopped: "microscope.operatorStopped"
        case .loaderJam: "microscope.loaderJam"
        case .slotEmpty: "microscope.slotEmpty"
        case .valveClosed: "microscope.valveClosed"
        case .outOfReach: "microscope.outOfReach"
        case .notAligned: "microscope.notAligned"
        case .fileNotWritten: "microscope.fileNotWritten"
        case .movieHeld: "microscope.movieHeld"
        case .diskSilent: "microscope.diskSilent"
        case .folderMissing: "microscope.folderMissing"
        case .unknownCommand: "microscope.unknownCommand"
        case .cancelled: "microscope.cancelled"
        }
    }

    public var sentence: String {
        switch self {
        case .linkLost(let what): "The connection to the microscope was lost \(what)."
        case .refused(let reason): "The microscope would not do it: \(reason)."
        case .noReason(let command): "The microscope program ended \(command) without saying why."
        case .busy: "The microscope program is busy with another command."
        case .claimed(let claim): claim.sentence
        case .notHeld: "The microscope is not this run's any more."
        case .displaced: "Another program has taken this run's connection to the microscope twice within a minute."
        case .timedOut(let command, let seconds):
            "The microscope did not answer \(command) within \(Int(clamping: seconds.rounded(.down))) s."
        case .operatorStopped: "Somebody pressed STOP in the microscope program."
        case .loaderJam(let slot): "The loader did not bring the cartridge of slot \(slot) onto the stage."
        case .slotEmpty(let slot): "Slot \(slot) holds no cartridge."
        case .valveClosed: "The column valves are closed."
        case .outOfReach(let what): "\(what) is out of reach."
        case .notAligned(let correlation):
            "The mapped feature was not found again (correlation \(correlation.written))."
        case .fileNotWritten(let path, let reason): "The image file \(path) was not written: \(reason)."
        case .movieHeld(let path, let reason): "The movie \(path) is whole and cannot be moved into its session: \(reason)."
        case .diskSilent(let path): "The disk that holds \(path) does not answer."
        case .folderMissing(let path): "The folder \(path) is not there."
        case .unknownCommand(let name): "The microscope program has no command \(name)."
        case .cancelled: "The command was given up because the run is ending."
        }
    }

    public var remedy: String? {
        switch self {
        case .linkLost: "Check that the microscope control program is running."
        case .refused: nil
        case .noReason:
            "Look at its screen and its log: a message may have stood there, and somebody may have clicked it away."
        case .busy: "Wait until it has finished."
        case .claimed(let claim): "Ask \(claim.person) to stop it, or wait until it finishes."
        case .notHeld: "Look at the run that has it; start this session again when it is free."
        case .displaced: "Find the program that connects to it, then press Start."
        case .timedOut: "Look at the microscope computer before going on: a message on its screen may be waiting for a click."
        case .operatorStopped: "Ask them; restart the microscope program if it does not obey any more, then press Start."
        case .loaderJam: "Check the loader at the microscope."
        case .slotEmpty: "Check the cassette and the grid list."
        case .valveClosed: "Open them at the microscope once the vacuum allows it."
        case .outOfReach: "Choose a target closer to the grid's centre."
        case .notAligned: "Check the atlas: the grid may have moved."
        case .fileNotWritten: "Check the disk and its permissions."
        case .movieHeld: "Make room on the session's disk, or let the server write there."
        case .diskSilent, .folderMissing: "Check that the disk is mounted."
        case .unknownCommand: "Install a newer SerialEM."
        case .cancelled: nil
        }
    }

    /// Whether the microscope program answered, and did not do what it was asked.
    public var isRefusal: Bool {
        switch self {
        case .refused, .noReason, .unknownCommand: true
        default: false
        }
    }

    /// Whether the link itself is gone, so that what was under way must be settled.
    public var losesLink: Bool {
        switch self {
        case .linkLost, .timedOut, .operatorStopped, .displaced: true
        default: false
        }
    }

    /// A newer connection has taken the place of this one.
    package static let replaced = MicroscopeError.linkLost("because a newer connection took its place")

    /// Whether somebody else may have taken the link: SerialEM closes the older connection without a word.
    public var mayBeReplaced: Bool {
        self == .replaced || self == .linkLost(ByteStreamEnd.closedByPeer.reason)
    }
}
