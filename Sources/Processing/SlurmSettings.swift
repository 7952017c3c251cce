/// How a facility's jobs go to its cluster.
public struct SlurmSettings: Hashable, Sendable {
    public var partition: String?
    /// Options of `sbatch`, one each, after those of the program's own: the last one counts.
    public var arguments: [String] = []
    /// Where orders, results and job numbers are kept, shared with the nodes; nil for the grid's own folder.
    public var directory: String?
    /// This program's file on the nodes; nil for the same path as here.
    public var program: String?
    /// Jobs in the scheduler at once.
    public var width = 16
    /// Between looks at a job.
    public var interval: Duration = .seconds(5)

    public init() {}
}

/// Runs a scheduler's commands to their end. Tests answer with what the real ones said.
public protocol SchedulerCommands: Sendable {
    func run(_ program: String, _ arguments: [String]) async throws(ChildProblem) -> ChildEnding
}

/// The commands of this machine.
public struct LocalSchedulerCommands: SchedulerCommands {
    /// A controller that is busy answers within a minute, or is as good as gone.
    private static let deadline = Duration.seconds(60)
    private let clock: any Clock<Duration>

    public init(clock: any Clock<Duration>) { self.clock = clock }

    public func run(_ program: String, _ arguments: [String]) async throws(ChildProblem) -> ChildEnding {
        try await ChildProcess(program, arguments, deadline: Self.deadline, clock: clock).run()
    }
}
