/// Where people reach this server, when that is not where it listens: behind a proxy.
public struct PublicURL: Sendable, Equatable {
    public var isSecure: Bool
    /// In lower case, with the port where it is not the usual one.
    public var host: String
    /// The path below which the pages stand: empty, or `/gridpilot`.
    public var prefix: String

    /// `https://em.example.org/gridpilot`; nil for what is no such address.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, parts[1].isEmpty, ["http:", "https:"].contains(parts[0].lowercased()) else { return nil }
        isSecure = parts[0].lowercased() == "https:"
        host = HostName.withoutUsualPort(parts[2], isSecure: isSecure)
        guard let prefix = Self.prefix(parts.count > 3 ? "/" + parts[3] : ""), !host.isEmpty,
            host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "?") })
        else { return nil }
        self.prefix = prefix
    }

    /// Without the slash at its end; nil for what no path of ours can be. It comes into pages and cookies as it is.
    static func prefix(_ text: String) -> String? {
        var text = text[...]
        while text.hasSuffix("/") { text = text.dropLast() }
        guard text.isEmpty || text.hasPrefix("/"), !text.contains("//"), text.utf8.count <= 128,
            text.utf8.allSatisfy(Self.isOfPath), !text.split(separator: "/").contains(where: { $0.hasPrefix(".") })
        else { return nil }
        return String(text)
    }

    private static func isOfPath(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

/// A host as a header names it.
enum HostName {
    static func withoutUsualPort(_ host: String, isSecure: Bool) -> String {
        let host = host.lowercased()
        let port = isSecure ? ":443" : ":80"
        return host.hasSuffix(port) ? String(host.dropLast(port.count)) : host
    }

    static func withoutPort(_ host: String) -> String {
        if host.hasPrefix("[") { return String(host.prefix { $0 != "]" }.dropFirst()).lowercased() }
        return String(host.prefix { $0 != ":" }).lowercased()
    }
}
