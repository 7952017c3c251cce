/// Where a grid stands in its session.
public enum GridStatus: String, Status {
    case waiting, loading, running, paused, stopping, stopped, completed, failed

    public var successors: Set<GridStatus> {
        switch self {
        case .waiting: [.loading, .stopped]
        case .loading: [.running, .stopping, .stopped, .failed]
        case .running: [.paused, .stopping, .stopped, .completed, .failed]
        case .paused: [.running, .completed, .stopping, .stopped, .failed]
        case .stopping: [.loading, .running, .paused, .stopped, .failed, .completed]
        case .failed: [.loading]
        // Start goes on where it was; a prompt answered after the run ended completes the grid without it, or gives it up.
        case .stopped: [.loading, .completed, .failed]
        case .completed: []
        }
    }

    /// True while it holds the column, as far as the store knows.
    public var isUnderWay: Bool {
        switch self {
        case .loading, .running, .paused, .stopping: true
        case .waiting, .stopped, .completed, .failed: false
        }
    }
}
