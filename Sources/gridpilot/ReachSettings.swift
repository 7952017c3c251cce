import Blocking
import Glibc
import WebServer

/// How people and proxies reach the server.
struct ReachSettings {
    var publicURL: PublicURL?
    var trustedProxies: [AddressRange] = []
    /// The token that alone opens `/metrics`.
    var metricsToken: String?

    init() {}

    /// Only a proxy on this machine can reach a server that listens on loopback, so there its word counts unless the file says
    /// otherwise.
    init(_ file: Configuration, listen: ListenAddress) throws(CommandProblem) {
        publicURL = file.publicURL
        let isLoopback = listen.host == "localhost" || AddressRange.loopback.contains { $0.contains(listen.host) }
        trustedProxies = file.trustedProxies ?? (isLoopback ? AddressRange.loopback : [])
        metricsToken = try file.metricsTokenFile.map(Self.token)
    }

    /// Names of this machine itself, in lower case.
    static var machineNames: Set<String> {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return [] }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
        return [name, String(name.prefix { $0 != "." })]
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
