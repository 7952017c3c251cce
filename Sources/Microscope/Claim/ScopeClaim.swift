import RunModel

/// Who says at the microscope itself that it is theirs: kept where every server that can reach it looks before it does anything.
public struct ScopeClaim: Hashable, Sendable {
    /// The data directory of the server, by the random name that it was given when it was made.
    public var installation: String
    /// As the server's own store counts them.
    public var epoch: Int
    public var session: SessionID
    public var sessionName: String
    public var group: String
    public var person: String
    public var host: String
    /// Since when the run has had the microscope.
    public var since: Timestamp

    public init(
        installation: String, epoch: Int, session: SessionID, sessionName: String, group: String, person: String, host: String,
        since: Timestamp
    ) {
        self.installation = installation
        self.epoch = epoch
        self.session = session
        self.sessionName = sessionName
        self.group = group
        self.person = person
        self.host = host
        self.since = since
    }

    /// Of a later version, or of another program: who it is cannot be read, that it is somebody can.
    public static func unknown(_ text: String) -> ScopeClaim {
        ScopeClaim(
            installation: unknownMark + String(text.prefix(60)).asLogged, epoch: 0, session: "unknown", sessionName: "unknown",
            group: "",
            person: "somebody", host: "another server", since: Timestamp(milliseconds: 0))
    }
    public var isKnown: Bool { !installation.hasPrefix(Self.unknownMark) }
    /// In no name of an installation.
    private static let unknownMark = "?"

    /// What stands there in place of a claim that can be read.
    public var unknownWords: String { String(installation.dropFirst()) }

    /// Its epoch rises with each time that a run comes back, so the run is known by what does not.
    public func isOfSameRun(as other: ScopeClaim) -> Bool {
        (installation, session, since) == (other.installation, other.session, other.since)
    }

    public var sentence: String {
        guard isKnown else {
            return "Another program says that it has this microscope, in words that are not known here: \(unknownWords)."
        }
        return "\(person) is running session \(sessionName) on this microscope from the server on \(host), since \(since)."
    }
}

/// What the microscope tells of its claim.
public enum ClaimReading: Hashable, Sendable {
    case none
    /// It holds for so many seconds yet, unless it is renewed.
    case held(ScopeClaim, seconds: Double)
    /// Whoever wrote it has not renewed it in time.
    case over(ScopeClaim)
    /// Nobody can tell: the reason, as a sentence goes on after "because".
    case untold(String)
}

/// Throws where the microscope is not this run's any more: then the command is not sent.
public typealias CommandGate = @Sendable () async throws(MicroscopeError) -> Void

/// On which terms a link is opened.
public struct LinkTerms: Sendable {
    /// Appears in the microscope program's log.
    public var greeting: String
    /// Asked with the claim that stands at the microscope, before anything else is sent. Where it says no, the link is closed again and
    /// nothing was done. Nil: nobody looks.
    public var mayEnter: (@Sendable (ClaimReading) -> Bool)?
    /// Told, where it says yes, when somebody last read the claim and went away again, by the microscope's own seconds; nil for never. Whoever goes
    /// away leaves this word, so that whose link was taken meanwhile knows by whom.
    public var hearsLook: (@Sendable (Double?) -> Void)?
    /// Asked before each command over this link that moves, exposes, loads or opens; nil for a link that nobody can lose.
    public var gate: CommandGate?

    public init(
        greeting: String, mayEnter: (@Sendable (ClaimReading) -> Bool)? = nil, hearsLook: (@Sendable (Double?) -> Void)? = nil,
        gate: CommandGate? = nil
    ) {
        self.greeting = greeting
        self.mayEnter = mayEnter
        self.hearsLook = hearsLook
        self.gate = gate
    }
}
