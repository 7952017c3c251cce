/// What libwebsockets would let pass and this server does not.
///
/// Most of it is about requests that two programs read differently (two lengths, two hosts, a body that nobody
/// announced): with a proxy in front, one client could slip a request of its own into somebody else's link. So whatever
/// is ambiguous is refused, and not guessed at.
extension RequestHead {
    /// The length of the body that is to come. Chunked bodies are not taken: their length is known only when they are
    /// here.
    func checked(limits: WebServer.Limits) throws(Refusal) -> Int {
        // An encoded line break in the address ends the line for the library, so that nothing is left for the version.
        guard !version.isEmpty else { throw .badFirstLine }
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else { throw .badVersion }
        guard let path, Self.isClean(path) else { throw .badPath }
        guard !hasStrangeQuery else { throw .badQuery }
        guard !hasStrangeHeader else { throw .badHeaderName }
        guard headers.values.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x09 } }) else { throw .badHeaderValue }
        guard hostCount == 1 || (hostCount == 0 && version == "HTTP/1.0") else { throw .noHost }
        guard !method.isEmpty, method != "CONNECT" else { throw .badMethod }
        if headers["transfer-encoding"] != nil {
            throw headers["content-length"] == nil ? .chunked : .lengthAndChunks
        }
        guard let text = headers["content-length"] else { return 0 }
        guard text.count <= 18, text.utf8.allSatisfy({ 48...57 ~= $0 }), let length = Int(text) else { throw .badLength }
        guard length <= limits.body else { throw .tooLarge(limits.body) }
        return length
    }

    /// Whether this may become a WebSocket; the subprotocol that was offered must be the one of its path. A page of
    /// another site is refused by its `Origin`, which every browser sends here. Programs send none: they come with a token of their own,
    /// and a cookie without an `Origin` is nobody's who should be let in.
    func checkUpgrade(_ configuration: WebServer.Configuration) throws(Refusal) {
        let length = try checked(limits: configuration.limits)
        guard let path, let wanted = configuration.subprotocol(at: path) else { throw .noWebSocket }
        guard method == "GET", version == "HTTP/1.1", length == 0, tokens("connection").contains("upgrade") else {
            throw .badHandshake
        }
        guard headers["sec-websocket-version"] == "13" else { throw .badWebSocketVersion }
        guard Self.isKey(headers["sec-websocket-key"] ?? "") else { throw .badWebSocketKey }
        if let origin = headers["origin"], !Origin.matches(origin, host: headers["host"] ?? "", isSecure: isSecure) {
            throw .otherOrigin
        }
        if headers["origin"] == nil, headers["cookie"] != nil, headers["authorization"] == nil { throw .noOrigin }
        guard wanted.isEmpty || tokens("sec-websocket-protocol", folded: false).contains(wanted) else {
            throw .subprotocol(wanted)
        }
    }

    /// HTTP 1.1 stays open unless it says otherwise.
    var keepsAlive: Bool { version == "HTTP/1.1" && !tokens("connection").contains("close") }

    private func tokens(_ name: String, folded: Bool = true) -> [String] {
        let value = headers[name] ?? ""
        return (folded ? value.lowercased() : value).split(separator: ",").map { token in
            String(token.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
    }

    /// The library has decoded the path and folded `..` already; this does not rely on it. A backslash is a slash to
    /// some programs. No page has a letter beyond ASCII in its path, and what such letters cost is told at `RequestHead.add`.
    private static func isClean(_ path: String) -> Bool {
        path.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") } && path.hasPrefix("/")
            && !path.split(separator: "/").contains("..")
    }

    /// 16 bytes in base 64: 22 digits and two equal signs, the last digit with four bits to spare.
    private static func isKey(_ key: String) -> Bool {
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return key.utf8.count == 24 && key.hasSuffix("==") && key.dropLast(2).allSatisfy(digits.contains)
            && "AQgw".contains(key.dropLast(2).last ?? " ")
    }
}

extension WebServer.Configuration {
    /// The subprotocol of a path, empty for the echo, nil where no WebSocket is.
    func subprotocol(at path: String) -> String? {
        if let name = webSockets[path] { return name }
        return debugEcho && path == Self.echoPath ? "" : nil
    }
}
