/// Where a square or a hole stands.
public enum TargetStatus: String, Status {
    case found, queued, acquiring, acquired, processed, completed, skipped, failed, unknown

    public var successors: Set<TargetStatus> {
        switch self {
        case .found: [.queued]
        case .queued: [.found, .acquiring, .skipped, .failed]
        // Back to queued when the microscope says that nothing was exposed.
        case .acquiring: [.queued, .acquired, .failed, .unknown]
        case .acquired: [.processed, .completed, .failed]
        case .processed: [.completed, .failed]
        case .completed: []
        case .skipped: [.queued, .found]
        case .failed: [.queued]
        case .unknown: [.queued, .acquired, .failed]  // A person, or evidence found later, decides.
        }
    }

    /// True once nothing more will be taken of it.
    public var isDone: Bool {
        switch self {
        case .acquired, .processed, .completed, .failed, .skipped: true
        case .found, .queued, .acquiring, .unknown: false
        }
    }
}
