import Blocking

extension WebServer {
    /// How the server listens, and what it allows.
    public struct Configuration: Sendable {
        /// An address, not a name; `localhost` is understood.
        public var host = "127.0.0.1"
        /// 0 takes a free one; `start()` returns it.
        public var port = 8080
        public var certificate: Certificate?
        /// The folder of the pages, served below `staticPrefix`.
        public var webRoot: String?
        public var staticPrefix = "/static/"
        /// The paths that may become WebSockets, each with its subprotocol.
        public var webSockets: [String: String] = [:]
        /// Adds `/debug/echo`; refused unless bound to loopback.
        public var debugEcho = false
        /// Names, in lower case, of further headers that the application wants to see.
        public var extraHeaders = ["idempotency-key", "sec-fetch-site", "x-request-id"]
        /// Where people reach it, when that is not where it listens.
        public var publicURL: PublicURL?
        /// Whose word about the sender of a request counts.
        public var trustedProxies: [AddressRange] = []
        /// Whether nobody has named them: they may be there, since they are on this machine. Then they tell the scheme and the path by which
        /// people come, and neither who asks nor by which name: the page of another site, whose name is made to point here, can say all
        /// that a proxy says.
        public var isProxySupposed = false
        /// By which it may be asked, besides addresses, `localhost` and its public one; nil: by any.
        public var hostNames: Set<String>?
        public var limits = Limits()
        /// Where files are read; shared with whoever else uses the same disks.
        public var disks = DiskLanes()
        public var contentSecurityPolicy =
            "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
            + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        /// Hears the network library's warnings, and the server's own.
        public var log: @Sendable (String) -> Void = { _ in }

        public init() {}
    }

    public struct Certificate: Sendable {
        public var certificateFile: String
        public var keyFile: String

        public init(certificateFile: String, keyFile: String) {
            (self.certificateFile, self.keyFile) = (certificateFile, keyFile)
        }
    }

    public struct Limits: Sendable {
        public var body = 1 << 20
        /// The same for strangers, who have nothing to send but a name and a password.
        public var strangersBody = 16 << 10
        /// What one person reads at once: a browser behind a proxy with HTTP/2 asks for a hundred pictures at once. Of commands, and of strangers,
        /// as many may be worked on though their links have gone.
        public var requestsPerPerson = 128
        /// Bytes of bodies that the application works on for one person, or for the strangers of one address.
        public var workPerSender = 8 << 20
        /// A body that is never refused for that: commands such as Stop have a few words.
        public var smallBody = 16 << 10
        /// What all bodies and unsent answers may hold together. Beyond it the largest of whoever holds most is given up. One, the
        /// largest of all, is not counted.
        public var requestSum = 64 << 20
        /// All header bytes of one request; a longer one drops the link.
        public var headers = 16 << 10
        /// Each takes a descriptor: no more than `DescriptorLimit.links`.
        public var connections = 1024
        /// Links of one address that are no WebSockets, and WebSockets. Counted apart, so that neither can keep the others out.
        public var connectionsPerAddress = 256
        public var webSocketsPerAddress = 256
        /// One WebSocket message from a client.
        public var message = 64 << 10
        /// Messages of one client that wait for the application, and their bytes, before reading from it pauses.
        public var waitingMessages = 64
        public var waitingBytes = 256 << 10
        /// What one client may say for longer than a moment, and at once; beyond it is closed with 1008.
        public var messagesPerSecond = 100
        public var messageBurst = 200
        /// What may wait for a slow client, besides one snapshot, before it is closed with 1013.
        public var outboxFrames = 4096
        public var outboxBytes = 1 << 20
        /// What may wait for all clients together. Beyond it the one for which most waits is cut off.
        public var outboxSum = 64 << 20
        /// WebSockets of one person, as the application names them.
        public var webSocketsPerOwner = 32
        /// For the first head on a link to arrive, and for the whole body of a request, however steadily it trickles.
        public var headSeconds = 10
        public var bodySeconds = 30
        /// For a chunk to be taken, a closing to be answered.
        public var stallSeconds = 20
        public var keepAliveSeconds = 60
        /// For a disk to open a file, or to give its next part.
        public var disk = Duration.seconds(5)
        /// A silent WebSocket is pinged after the first and dropped after the second.
        public var pingSeconds = 20
        public var hangUpSeconds = 45
        /// For open exchanges and closings when the server stops.
        public var stopSeconds = 2.0

        public init() {}
    }

    /// Where the server can be reached.
    public struct BoundAddress: Sendable, Equatable {
        public var host: String
        public var port: Int
        public var isSecure: Bool

        public var url: String {
            "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)/"
        }
    }
}

extension WebServer.Configuration {
    static let echoPath = "/debug/echo"
    static let echoMessageLimit = 16 << 20

    var address: String { host == "localhost" ? "127.0.0.1" : host }
    var isLoopback: Bool { PeerAddress.isLoopback(address) }
    /// Whether somebody has said that people come by a proxy. Then a request from this machine may be anybody's: not every proxy says that
    /// it passes something on.
    var expectsProxy: Bool { publicURL != nil || (!trustedProxies.isEmpty && !isProxySupposed) }
    func trusts(_ address: String) -> Bool { trustedProxies.contains { $0.contains(address) } }
}
