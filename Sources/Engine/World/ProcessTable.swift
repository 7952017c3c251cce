import RunModel

/// This process, and whether another still lives. A pid alone is reused; boot id and start time are not.
public protocol ProcessTable: Sendable {
    var this: ProcessIdentity { get }
    func liveness(of identity: ProcessIdentity) -> Liveness
}

/// A process that no other can be taken for: a pid comes round again, the moment at which it began does not.
public struct ProcessIdentity: Hashable, Sendable {
    public var host: String
    public var pid: Int
    public var bootID: String
    /// Clock ticks after boot.
    public var start: Int64
    /// In which the pid counts; nil where the system does not say. In a container the same number is another process.
    public var namespace: String?
    public init(host: String, pid: Int, bootID: String, start: Int64, namespace: String? = nil) {
        self.namespace = namespace
        self.host = host
        self.pid = pid
        self.bootID = bootID
        self.start = start
    }
}

/// Whether a process lives, as far as anybody here can tell.
public enum Liveness: String, Hashable, Sendable {
    case alive, gone
    /// Another host's process, or another container's: nobody here can look.
    case cannotTell
}

extension LockHolder {
    public var process: ProcessIdentity {
        ProcessIdentity(host: host, pid: pid, bootID: bootID, start: processStart, namespace: pidNamespace)
    }
}
