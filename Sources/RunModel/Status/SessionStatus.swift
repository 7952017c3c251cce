/// Where a session's run stands.
public enum SessionStatus: String, Status {
    case ready, starting, running, paused, stopping, stopped, completed, failed, interrupted, killed

    public var successors: Set<SessionStatus> {
        switch self {
        case .ready: [.starting]
        case .starting: [.running, .stopping, .failed, .interrupted, .killed]
        case .running: [.paused, .stopping, .completed, .failed, .interrupted, .killed]
        case .paused: [.running, .stopping, .completed, .failed, .interrupted, .killed]
        // Back to where it was when the stop is taken back.
        case .stopping: [.starting, .running, .paused, .stopped, .completed, .failed, .interrupted, .killed]
        case .stopped, .failed, .interrupted, .killed, .completed: [.starting]  // Start goes on where it was.
        }
    }

    /// True while some living run must stand behind this word; without one it reads `interrupted`.
    public var needsHolder: Bool {
        switch self {
        case .starting, .running, .paused, .stopping: true
        case .ready, .stopped, .completed, .failed, .interrupted, .killed: false
        }
    }

    /// What may be said now, given whether a run lives: status is derived, never just read.
    public func derived(holderLives: Bool) -> SessionStatus {
        needsHolder && !holderLives ? .interrupted : self
    }
}
