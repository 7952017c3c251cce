/// Where a grid stands in its session.
public enum GridStatus: String, Status {
    case waiting, loading, running, paused, stopping, stopped, completed, failed
    /// Closed before its end, because somebody asked for it.
    case aborted
    /// Not to be imaged, because somebody said so.
    case leftOut

    public var successors: Set<GridStatus> {
        switch self {
        // Closed without a load where nothing of it is queued and only that is collected.
        case .waiting: [.loading, .stopped, .leftOut, .completed]
        case .loading: [.running, .stopping, .stopped, .failed, .aborted]
        // Waiting again: its atlas is there, and those of the other grids come first.
        case .running: [.waiting, .paused, .stopping, .stopped, .completed, .failed, .aborted]
        case .paused: [.running, .completed, .stopping, .stopped, .failed, .aborted]
        case .stopping: [.loading, .running, .paused, .stopped, .failed, .completed, .aborted]
        case .failed: [.loading, .leftOut]
        // Start goes on where it was; a prompt answered after the run ended completes the grid without it, or gives it up.
        case .stopped: [.loading, .completed, .failed, .aborted, .leftOut]
        // Taken up again: its atlas, its maps and what was imaged stay.
        case .completed, .aborted, .leftOut: [.waiting]
        }
    }

    /// True while it holds the column, as far as the store knows.
    public var isUnderWay: Bool {
        switch self {
        case .loading, .running, .paused, .stopping: true
        case .waiting, .stopped, .completed, .failed, .aborted, .leftOut: false
        }
    }

    /// Whether a run has still to come to it.
    public var isOpen: Bool {
        switch self {
        case .waiting, .loading, .running, .paused, .stopping, .stopped, .failed: true
        case .completed, .aborted, .leftOut: false
        }
    }
}
