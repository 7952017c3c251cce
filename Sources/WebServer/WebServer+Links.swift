import CLibWebSockets

/// What one address has open, or one network of version six. WebSockets are counted apart: they are there for hours, and belong to people who are signed in.
struct AddressCount {
    var links = 0
    var webSockets = 0
}

// Whoever opens links and says nothing must not keep others out, from the same address (a proxy, a building behind one) or from
// another. So a link too many is not refused: the oldest that never asked for anything makes room for it, then the one whose last
// request is longest ago. One with a request under way and a WebSocket are left alone.
extension WebServer {
    /// Whether one more link may be taken at all.
    func makeRoomForLink() -> Bool {
        guard !isStopping else { return false }
        let count = perAddress.values.reduce(0) { $0 + $1.links + $1.webSockets }
        guard count < configuration.limits.connections || dropIdle({ _ in true }) else { return false }
        // Those that make room are not counted any more, and keep their descriptors for a moment.
        return connections.count < configuration.limits.connections + Self.mostOnTheirWayOut
    }

    /// Links beyond the limit that are being closed.
    static var mostOnTheirWayOut: Int { 32 }

    /// Whether this address may have one more.
    func makeRoomForLink(from address: String) -> Bool {
        // A proxy has as many as its visitors need.
        if configuration.trusts(address) { return true }
        let count = perAddress[PeerAddress.network(of: address)]?.links ?? 0
        return count < configuration.limits.connectionsPerAddress
            || dropIdle { [network = PeerAddress.network(of: address)] in $0.network == network }
    }

    private func dropIdle(_ isEligible: (Connection) -> Bool) -> Bool {
        let idle = connections.values.filter { $0.isIdle && isEligible($0) }
        guard let first = idle.min(by: { $0.age < $1.age }) else { return false }
        uncount(first)
        // It may have asked for something by now, which lies unread: whoever reads it sees that the link has gone.
        first.isDropped = true
        lws_set_timeout(first.wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC)
        return true
    }

    func uncount(_ connection: Connection) {
        guard var count = perAddress[connection.network] else { return }
        if connection.isCountedAsWebSocket { count.webSockets -= 1 } else { count.links -= 1 }
        perAddress[connection.network] = count.links + count.webSockets > 0 ? count : nil
    }

    /// A link has become a WebSocket; false when its address has too many of those.
    func countAsWebSocket(_ connection: Connection) -> Bool {
        let count = perAddress[connection.network]?.webSockets ?? 0
        guard count < configuration.limits.webSocketsPerAddress || configuration.trusts(connection.address) else { return false }
        uncount(connection)
        connection.isCountedAsWebSocket = true
        perAddress[connection.network, default: AddressCount()].webSockets += 1
        return true
    }

    /// Runs `runOut` after a time that nothing the peer does renews; nil calls it off.
    func setTimer(_ wsi: OpaquePointer, seconds: Int?) {
        // -1 is the library's word for none.
        lws_set_timer_usecs(wsi, seconds.map { lws_usec_t($0) * 1_000_000 } ?? -1)
    }

    /// The head or the body of a request is not complete in its time.
    func runOut(_ wsi: OpaquePointer) -> Int32 {
        guard let connection = connection(of: wsi), connection.peer == nil else { return 0 }
        guard let exchange = connection.exchange else { return connection.age.0 == 0 ? -1 : 0 }
        return exchange.isDispatched ? 0 : refuse(Refusal.slowBody.response, wsi)
    }

    /// What the library does not take for HTTP: a method that it does not know, a tunnel, or no HTTP at all.
    func refuseStranger(_ wsi: OpaquePointer, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        // In bytes: this may be anything, and texts are compared by the look of their letters.
        let words = bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
            .split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        let isRequest = words.count == 3 && words[2].starts(with: "HTTP/".utf8) && words[0].allSatisfy(Self.isLetter)
        return refuse((isRequest ? Refusal.badMethod : .notHTTP).response, wsi)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: false
        }
    }
}
