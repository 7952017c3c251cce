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
