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
    public init(host: String, pid: Int, bootID: String, start: Int64) {
        self.host = host
        self.pid = pid
        self.bootID = bootID
        self.start = start
    }
}

/// Whether a process lives, as far as anybody here can tell.
public enum Liveness: String, Hashable, Sendable {
    case alive, gone
    /// Another host's process: nobody here can look.
    case cannotTell
}

extension LockHolder {
    var process: ProcessIdentity { ProcessIdentity(host: host, pid: pid, bootID: bootID, start: processStart) }
}
