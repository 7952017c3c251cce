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
    /// Whether an `Origin` header names this very server, by the same scheme; `null` never does.
    static func matches(_ origin: String, host: String, isSecure: Bool) -> Bool {
        let parts = origin.lowercased().split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty, parts[0] == (isSecure ? "https:" : "http:"), !host.isEmpty else { return false }
        return HostName.withoutUsualPort(String(parts[2]), isSecure: isSecure)
            == HostName.withoutUsualPort(host, isSecure: isSecure)
    }
}
