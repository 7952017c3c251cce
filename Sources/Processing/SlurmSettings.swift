/// How a facility's jobs go to its cluster.
public struct SlurmSettings: Hashable, Sendable {
    public var partition: String?
    /// Options for `sbatch`, one per element. They follow the program's own, so where two disagree the facility's counts.
    public var arguments: [String] = []
    /// Where orders, results and job numbers are kept, shared with the nodes; nil for the grid's own folder.
    public var directory: String?
    /// The path of this program on the nodes; nil for the same path as here.
    public var program: String?
    /// How many jobs the scheduler has at once.
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
    /// A busy controller answers within a minute; one that does not is as good as gone.
    private static let deadline = Duration.seconds(60)
    private let clock: any Clock<Duration>

    public init(clock: any Clock<Duration>) { self.clock = clock }

    public func run(_ program: String, _ arguments: [String]) async throws(ChildProblem) -> ChildEnding {
        try await ChildProcess(program, arguments, deadline: Self.deadline, clock: clock).run()
    }
}
