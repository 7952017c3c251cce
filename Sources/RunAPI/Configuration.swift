import Blocking
import RunModel

extension RunAPI {
    /// Where the files are, and what is outside: time and new ids.
    public struct Configuration: Sendable {
        /// Absolute; sessions' directories are below it.
        public var dataDirectory: String
        /// The folder with `index.html`.
        public var webRoot: String
        public var version: String
        public var clock: any Clock<Duration>
        /// Letters and digits, unique for ever; for sessions and commands.
        public var newID: @Sendable () -> String
        public var heartbeat: Duration = .seconds(2)
        /// Hears, in whole sentences, what no answer tells.
        public var log: @Sendable (String) -> Void = { _ in }
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

/// What the facility has: microscopes, and the detectors on them.
public struct Facility: Sendable {
    public var microscopes: [MicroscopeDescription]
    public var detectors: [DetectorDescription]

    public init(microscopes: [MicroscopeDescription], detectors: [DetectorDescription]) {
        self.microscopes = microscopes.sorted { $0.id < $1.id }
        self.detectors = detectors.sorted { $0.id < $1.id }
    }

    func microscope(_ id: MicroscopeID) -> MicroscopeDescription? { microscopes.first { $0.id == id } }
    func detector(_ id: DetectorID) -> DetectorDescription? { detectors.first { $0.id == id } }
}
