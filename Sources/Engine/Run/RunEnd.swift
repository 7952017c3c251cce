import Microscope
import RunModel
import Store

/// Why the loop of a run does not go on. What is not caught on the way up ends the run.
enum RunEnd: Error {
    /// Somebody asked for it, and nothing is under way.
    case stop
    /// Somebody aborted the grid, and nothing is under way.
    case abort
    /// The run's task was cancelled: force-kill, or the server is shutting down.
    case cancelled
    case lockLost(ScopeLockError)
    case store(StoreError)
    /// The link is gone; what was under way must be settled.
    case link(MicroscopeError)
    /// The microscope answered that it could not do this one thing.
    case microscope(MicroscopeError)
    /// This grid cannot be imaged; the next one may.
    case grid(Failure)

    init(_ error: MicroscopeError) {
        switch error {
        case .cancelled: self = .cancelled
        case let lost where lost.losesLink: self = .link(lost)
        default: self = .microscope(error)
        }
    }

    /// As a run's failure, for those that end it so.
    var failure: Failure {
        switch self {
        case .stop, .abort, .cancelled: Failure(code: "run.ended", sentence: "The run was ended.", remedy: nil)
        case .lockLost(let cause): Failure(cause)
        case .store(let cause): Failure(cause)
        // What to do now stands in the notice that stays.
        case .link(.operatorStopped):
            Failure(
                code: MicroscopeError.operatorStopped.code, sentence: "The run ended when STOP was pressed in SerialEM.",
                remedy: nil)
        case .link(let cause), .microscope(let cause): Failure(cause)
        case .grid(let failure): failure
        }
    }
}
