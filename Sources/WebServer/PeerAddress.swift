/// The text of a peer's address.
enum PeerAddress {
    /// An IPv4 peer of an IPv6 socket is named as what it is.
    static func plain(_ address: String) -> String {
        address.hasPrefix("::ffff:") && address.contains(".") ? String(address.dropFirst(7)) : address
    }

    static func isLoopback(_ address: String) -> Bool {
        address == "::1" || (address.hasPrefix("127.") && address.split(separator: ".").count == 4)
    }
}

/// Where the page that sends a request came from.
enum Origin {
    /// Whether an `Origin` header names this very server; `null` never does.
    static func matches(_ origin: String, host: String, isSecure: Bool) -> Bool {
        let parts = origin.lowercased().split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty, parts[0] == "http:" || parts[0] == "https:", !host.isEmpty else { return false }
        let port = parts[0] == "https:" ? ":443" : ":80"
        return without(port, String(parts[2])) == without(port, host.lowercased())
    }

    private static func without(_ port: String, _ host: String) -> String {
        host.hasSuffix(port) ? String(host.dropLast(port.count)) : host
    }
}
