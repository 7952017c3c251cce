/// Where a SerialEM listens.
public struct SerialEMAddress: Hashable, Sendable, Codable, CustomStringConvertible {
    /// A name or an IPv4 address: SerialEM speaks no other.
    public var host: String
    public var port: Int

    /// What SerialEM takes where nothing else is set.
    public static let usualPort = 48888

    public init(host: String, port: Int = Self.usualPort) {
        self.host = host
        self.port = port
    }

    /// `HOST:PORT`, or a host alone.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, !host.isEmpty, !host.contains(where: \.isWhitespace) else { return nil }
        guard parts.count == 2 else {
            self.init(host: String(host))
            return
        }
        guard let port = Int(parts[1]), (0...65535).contains(port) else { return nil }
        self.init(host: String(host), port: port)
    }

    public var description: String { "\(host):\(port)" }

    var isThisComputer: Bool { host == "localhost" || host.hasPrefix("127.") }
}
