/// Why a call that blocks has no answer. The rooms above make their own `Explained` of it.
public enum BlockingProblem: Error, Hashable, Sendable {
    /// `what`: "disk at /mnt/frames", "store". It has answered nothing for that long, and is asked nothing further until it does.
    case silent(_ what: String, for: Duration)
    /// Too many calls wait already.
    case full(_ what: String)
    /// The caller's task was cancelled; the work may still be under way.
    case cancelled

    public var sentence: String {
        switch self {
        case .silent(let what, let duration): "The \(what) has not answered for \(max(1, duration.components.seconds)) s."
        case .full(let what): "Too many calls wait for the \(what)."
        case .cancelled: "The call was given up before its answer came."
        }
    }

    public var remedy: String? {
        switch self {
        case .silent: "Check that it is mounted and that the machine it belongs to runs."
        case .full: "Try again in a few seconds."
        case .cancelled: nil
        }
    }
}
