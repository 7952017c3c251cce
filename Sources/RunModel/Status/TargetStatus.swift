/// Where a square or a hole stands.
public enum TargetStatus: String, Status {
    case found, queued, acquiring, acquired, processed, completed, skipped, failed, unknown

    public var successors: Set<TargetStatus> {
        switch self {
        case .found: [.queued]
        // Back to completed, where it has an image from before.
        case .queued: [.found, .completed, .acquiring, .skipped, .failed]
        // Back to queued when the microscope says that nothing was exposed.
        case .acquiring: [.queued, .acquired, .failed, .unknown]
        // Queued once more by somebody who wants it again, knowing what it has had.
        case .acquired: [.processed, .completed, .failed, .queued]
        case .processed: [.completed, .failed, .queued]
        case .completed: [.queued]
        case .skipped: [.queued, .found, .completed]
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
