/// Who holds a microscope: what the lock file says, and what is shown to those it keeps out.
public struct LockHolder: Hashable, Sendable, Codable {
    public var session: SessionID
    public var sessionName: String
    public var group: String
    public var person: String
    public var host: String
    public var pid: Int
    /// Tells a process of another boot with the same pid.
    public var bootID: String
    /// Clock ticks after boot: tells a reused pid.
    public var processStart: Int64
    /// In which the pid counts; nil where the system does not say.
    public var pidNamespace: String?
    public var startedAt: Timestamp
    /// Only rises; a holder whose epoch is no longer the microscope's can do nothing.
    public var epoch: Int

    public init(
        session: SessionID, sessionName: String, group: String, person: String, host: String, pid: Int, bootID: String,
        processStart: Int64, pidNamespace: String? = nil, startedAt: Timestamp, epoch: Int
    ) {
        self.pidNamespace = pidNamespace
        self.session = session
        self.sessionName = sessionName
        self.group = group
        self.person = person
        self.host = host
        self.pid = pid
        self.bootID = bootID
        self.processStart = processStart
        self.startedAt = startedAt
        self.epoch = epoch
    }
}
