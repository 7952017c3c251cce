import Blocking
import Glibc
import WebServer

/// How people and proxies reach the server.
struct ReachSettings {
    var publicURL: PublicURL?
    var trustedProxies: [AddressRange] = []
    /// Whether nobody has said that there is a proxy; see `WebServer.Configuration`.
    var isProxySupposed = false
    /// By which people may ask for this server when nobody has said by which they do.
    var hostNames: Set<String> = []
    /// The token that alone opens `/metrics`.
    var metricsToken: String?

    init() {}

    /// Only a proxy on this machine can reach a server that listens on loopback, so there its word counts unless the file says
    /// otherwise. As long as it says nothing of a proxy at all, that word is about the way and not about who asks.
    init(_ file: Configuration, listen: ListenAddress) throws(CommandProblem) {
        publicURL = file.publicURL
        let isLoopback = listen.host == "localhost" || AddressRange.loopback.contains { $0.contains(listen.host) }
        trustedProxies = file.trustedProxies ?? (isLoopback ? AddressRange.loopback : [])
        isProxySupposed = file.trustedProxies == nil && publicURL == nil
        metricsToken = try file.metricsTokenFile.map(Self.token)
    }

    /// Names of this machine itself, in lower case. Asking for the full one may take the network's time, of which it is given two seconds:
    /// without an answer the server goes by the short one.
    static func machineNames() async -> Set<String> {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return [] }
        let name = text(of: buffer)
        // No answer is said where it counts: whoever comes by the full name is told that this server does not go by it.
        let full = try? await BlockingLane("name service").run(deadline: .seconds(2)) { canonicalName(of: name) }
        return names(name, full: full ?? nil)
    }

    /// With and without their domains, and without the dot that ends a whole name.
    static func names(_ name: String, full: String?) -> Set<String> {
        let whole = [name, full ?? name].map { $0.lowercased() }.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
        return Set(whole + whole.map { String($0.prefix { $0 != "." }) }).subtracting([""])
    }

    private static func canonicalName(of name: String) -> String? {
        var hints = addrinfo()
        (hints.ai_flags, hints.ai_socktype) = (AI_CANONNAME, Int32(SOCK_STREAM.rawValue))
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &found) == 0, let found else { return nil }
        defer { freeaddrinfo(found) }
        return found.pointee.ai_canonname.map { String(cString: $0) }
    }

    private static func text(of buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func token(_ path: String) throws(CommandProblem) -> String {
        let text: String
        do { text = String(decoding: try Files.read(path, limit: 4096), as: UTF8.self) } catch {
            throw CommandProblem(
                "The file \(path) with the token for /metrics cannot be read.", remedy: "Correct metrics_token_file.")
        }
        let token = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard token.utf8.count >= 16 else {
            throw CommandProblem(
                "The token for /metrics in \(path) has fewer than 16 characters.",
                remedy: "Write a longer one, as from: openssl rand -hex 32")
        }
        return token
    }
}
