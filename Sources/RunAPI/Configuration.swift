import Blocking
import RunModel

extension RunAPI {
    /// Where the files are, and what comes from outside: time and new ids. Tests put a clock that stands still and ids
    /// that count up here.
    public struct Configuration: Sendable {
        /// Absolute; sessions' directories are below it.
        public var dataDirectory: String
        /// The folder with `index.html`.
        public var webRoot: String
        /// Told by `/healthz`, `/metrics` and the description of the API.
        public var version: String
        /// Only for the waits of the push; the time of day in answers is the engine's.
        public var clock: any Clock<Duration>
        /// Letters and digits, unique for ever; for sessions and commands. Those of sessions should not be guessable
        /// either: an unknown one is answered with 404 and somebody else's with 403.
        public var newID: @Sendable () -> String
        /// A promise to clients, who call a page stale after five seconds of silence: one beat may be lost or late, not
        /// two.
        public var heartbeat: Duration = .seconds(2)
        /// How long a command that ends a run waits for the store, each of the times that it asks it: after a fifth of a
        /// second its sender must know that it was heard, whatever the store does.
        public var urgentPatience: Duration = .milliseconds(60)
        /// How long the answer to any other command waits for its record in the audit log.
        public var auditPatience: Duration = .seconds(2)
        /// How often open pages are held against who is signed in, and the accounts against what others changed.
        public var signInCheck: Duration = .milliseconds(500)
        /// A snapshot is a read of the store and up to megabytes of text, so a page gets no two of a topic within this time.
        public var answerInterval: Duration = .seconds(1)
        /// With it alone `/metrics` may be read.
        public var metricsToken: String?
        /// Hears, in whole sentences, what no answer tells.
        public var log: @Sendable (String) -> Void = { _ in }
        /// The parts of the server that do not answer, by the names that `/readyz` has for them.
        public var stalled: @Sendable () -> Set<String> = { [] }
        /// Where files are read; shared with whoever else uses the same disks.
        public var disks = DiskLanes()

        public init(
            dataDirectory: String, webRoot: String, version: String = "0", clock: any Clock<Duration> = ContinuousClock(),
            newID: @escaping @Sendable () -> String = Configuration.randomID
        ) {
            self.dataDirectory = dataDirectory
            self.webRoot = webRoot
            self.version = version
            self.clock = clock
            self.newID = newID
        }

        /// Sixty random bits in base 32, without the letters that look like digits.
        @Sendable public static func randomID() -> String {
            let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")
            return String((0..<12).map { _ in digits[Int.random(in: 0..<32)] })
        }
    }
}

/// What the facility has: microscopes, and the detectors on them. Read from the configuration at the start, and the
/// same until the server ends.
public struct Facility: Sendable {
    public var microscopes: [MicroscopeDescription]
    public var detectors: [DetectorDescription]

    /// For each microscope that is reached through SerialEM: what its computer calls a folder here, nil where it has no name for it.
    public var pathsThere: [MicroscopeID: @Sendable (String) -> String?]

    public init(
        microscopes: [MicroscopeDescription], detectors: [DetectorDescription],
        pathsThere: [MicroscopeID: @Sendable (String) -> String?] = [:]
    ) {
        self.pathsThere = pathsThere
        self.microscopes = microscopes.sorted { $0.id < $1.id }
        self.detectors = detectors.sorted { $0.id < $1.id }
    }

    func microscope(_ id: MicroscopeID) -> MicroscopeDescription? { microscopes.first { $0.id == id } }
    func detector(_ id: DetectorID) -> DetectorDescription? { detectors.first { $0.id == id } }
}
