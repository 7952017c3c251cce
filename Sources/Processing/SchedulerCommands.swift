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
