import Glibc

/// Tells the service manager how the server is: systemd's `sd_notify`, a datagram of a few words to the socket that it names.
///
/// See `sd_notify(3)`. Nothing of it is left in the environment: a child that spoke for the server would be believed.
struct ServiceManager: Sendable {
    /// How often it wants to hear that the server is alive; nil where it does not watch.
    let watchdog: Duration?
    private let address: [UInt8]

    /// Nil without one that wants to be told. `take` gives a variable of the environment and takes it out.
    init?(take: (String) -> String?, process: Int32) {
        let (socket, every, meant) = (take("NOTIFY_SOCKET"), take("WATCHDOG_USEC"), take("WATCHDOG_PID"))
        guard let socket, let address = Self.address(socket) else { return nil }
        self.address = address
        let isMeant = meant.map { Int32($0) == process } ?? true
        watchdog = every.flatMap(Int64.init).flatMap { $0 > 0 && isMeant ? .microseconds($0) : nil }
    }

    /// As the environment has it now, and for nobody after.
    static func ofEnvironment() -> ServiceManager? {
        ServiceManager(take: Environment.take, process: getpid())
    }

    /// False where it could not be told within a second. Each line is `NAME=value`.
    @discardableResult
    func tell(_ lines: [String]) -> Bool {
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let text = Array(lines.joined(separator: "\n").utf8)
        return address.withUnsafeBytes { address in
            let name = address.assumingMemoryBound(to: sockaddr.self).baseAddress
            return sendto(socket, text, text.count, Int32(MSG_NOSIGNAL), name, socklen_t(address.count)) == text.count
        }
    }

    /// A `sockaddr_un` of just the length that is used; a name that begins with `@` has no file.
    private static func address(_ path: String) -> [UInt8]? {
        let longest = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
        var bytes = Array(path.utf8)
        guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
            (2...longest).contains(bytes.count)
        else { return nil }
        if first == UInt8(ascii: "@") { bytes[0] = 0 } else { bytes.append(0) }
        return withUnsafeBytes(of: sa_family_t(AF_UNIX)) { Array($0) } + bytes
    }
}
