/// The text of a peer's address.
enum PeerAddress {
    /// An IPv4 peer of an IPv6 socket is named as what it is.
    static func plain(_ address: String) -> String {
        address.hasPrefix("::ffff:") && address.contains(".") ? String(address.dropFirst(7)) : address
    }

    /// Only a whole address is one: `127.a.example.org` is a name, and may point anywhere.
    static func isLoopback(_ address: String) -> Bool { AddressRange.loopback.contains { $0.contains(address) } }

    /// Without the port, and the brackets of version six, with which some proxies write it.
    static func withoutPort(_ text: String) -> String {
        if text.hasPrefix("[") { return String(text.dropFirst().prefix { $0 != "]" }) }
        return text.count { $0 == ":" } == 1 ? String(text.prefix { $0 != ":" }) : text
    }

    /// A machine with IPv6 has as many addresses as it likes; what it does not choose is their first half.
    static func network(of address: String) -> String {
        guard let bytes = AddressRange.bytes(of: address), bytes.count == 16 else { return address }
        return "v6-" + bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: "-")
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
