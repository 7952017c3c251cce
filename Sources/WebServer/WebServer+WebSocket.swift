import CLibWebSockets

// The opening of a WebSocket, and what goes over it.
//
// The codes with which this side closes say what the client should do: 1001 the server stops, come back soon; 1003 and
// 1009 this client sends what is not taken here; 1013 it was too slow, come back with the last number. The application
// adds its own (1008 for a sign-in that has ended).
extension WebServer {
    /// Whether a request may become a WebSocket. Refused, it gets its answer in words and the link is closed; a browser
    /// shows neither, but a person with other tools sees why.
    func confirmUpgrade(_ wsi: OpaquePointer) -> Int32 {
        guard let connection = connection(of: wsi), !connection.isDropped else { return -1 }
        do throws(Refusal) {
            let head = try head(wsi, connection)
            try head.checkUpgrade(configuration)
            if isStopping { throw .stopping }
            return admit(head, connection)
        } catch {
            return refuse(error.response, wsi)
        }
    }

    private func admit(_ head: RequestHead, _ connection: Connection) -> Int32 {
        let request = head.request()
        if configuration.webSockets[request.path] == nil {
            // The echo for conformance tests. `checkUpgrade` has let it through only where it is switched on, which is
            // on loopback alone.
            connection.admitted = ("", "", owner: nil, isEcho: true)
            return 0
        }
        switch application.admit(request) {
        case .refuse(let response): return refuse(response, connection.wsi)
        case .accept(let subprotocol, let tag, let owner):
            guard perOwner[owner, default: 0] < configuration.limits.webSocketsPerOwner else {
                return refuse(Refusal.tooManyWebSockets(configuration.limits.webSocketsPerOwner).response, connection.wsi)
            }
            connection.admitted = (subprotocol, tag, owner, isEcho: false)
            return 0
        }
    }

    /// The library has chosen among the offered subprotocols by itself: it must be the admitted one.
    func confirmSubprotocol(_ wsi: OpaquePointer) -> Int32 {
        guard let admitted = connection(of: wsi)?.admitted, let chosen = lws_get_protocol(wsi)?.pointee.name else { return -1 }
        return admitted.isEcho || admitted.subprotocol == String(cString: chosen) ? 0 : -1
    }

    /// The link is open: the application hears of it, before anything that the client says.
    func openWebSocket(_ wsi: OpaquePointer) -> Int32 {
        guard let connection = connection(of: wsi), let admitted = connection.admitted else { return -1 }
        connection.admitted = nil
        let client = WebSocketClient(
            id: connection.id, tag: admitted.tag, remoteAddress: connection.address, server: self)
        let peer = Peer(client: client, owner: admitted.owner, limits: configuration.limits)
        guard countAsWebSocket(connection) else { return -1 }
        if let owner = admitted.owner { perOwner[owner, default: 0] += 1 }
        connection.peer = peer
        tell(.connected, peer)
        return 0
    }

    /// However it ended. The application hears it once, after everything else about this client.
    func closeWebSocket(_ wsi: OpaquePointer) -> Int32 {
        guard let connection = connection(of: wsi), let peer = connection.peer else { return 0 }
        connection.peer = nil
        releaseMemory(of: peer)
        tell(.disconnected, peer)
        return 0
    }

    /// Gathers the parts of a message. The bound is checked with each part, so a client cannot fill the memory with a
    /// message that never ends.
    func receive(_ wsi: OpaquePointer, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        guard let peer = connection(of: wsi)?.peer else { return -1 }
        // After our own close nothing counts that the peer still says.
        guard peer.closing == nil else { return 0 }
        let limit = peer.isEcho ? Configuration.echoMessageLimit : configuration.limits.message
        // What the frame's head announces counts, and not what has come of it.
        guard lws_remaining_packet_payload(wsi) <= limit - min(limit, peer.message.count + bytes.count),
            peer.message.count + bytes.count <= limit
        else {
            return end(wsi, code: 1009, reason: "A message may have \(limit) bytes.")
        }
        peer.message.append(contentsOf: bytes)
        guard lws_is_final_fragment(wsi) != 0 else { return 0 }
        let message = peer.message
        peer.message = []
        return take(message, isBinary: lws_frame_is_binary(wsi) != 0, peer, wsi)
    }

    /// A client that talks faster than the application listens is not read from until it has caught up. TCP then holds
    /// it back at its own end.
    private func take(_ message: [UInt8], isBinary: Bool, _ peer: Peer, _ wsi: OpaquePointer) -> Int32 {
        // The library looks at each part that has bytes, and passes a character that the end of the message cuts off.
        guard isBinary || String(validating: message, as: UTF8.self) != nil else {
            return end(wsi, code: 1007, reason: "Text is UTF-8.")
        }
        if peer.isEcho {
            // A single one always has room, and reading goes on only once it is sent.
            _ = peer.outbox.append(Frame(message, isBinary: isBinary), limits: configuration.limits)
            lws_callback_on_writable(wsi)
            setPaused(true, peer, wsi)
            return 0
        }
        guard !isBinary else { return end(wsi, code: 1003, reason: "Only text is understood here.") }
        guard peer.allowance.take(at: .now) else { return end(wsi, code: 1008, reason: "These are too many messages at once.") }
        peer.newsBytes += message.count
        tell(.text(String(decoding: message, as: UTF8.self)), peer)
        let limits = configuration.limits
        if peer.news.count >= limits.waitingMessages || peer.newsBytes >= limits.waitingBytes { setPaused(true, peer, wsi) }
        return 0
    }

    /// The code of a close is two bytes, or left out. The library would answer one byte as if it were none.
    func hearClose(_ wsi: OpaquePointer, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        bytes.count == 1 ? end(wsi, code: 1002, reason: "A close has no code or a whole one.") : 0
    }

    private func setPaused(_ isPaused: Bool, _ peer: Peer, _ wsi: OpaquePointer) {
        guard peer.isPaused != isPaused else { return }
        peer.isPaused = isPaused
        lws_rx_flow_control(wsi, isPaused ? 0 : 1)
    }

    /// An event for one client. One that is too far behind is closed and not served with gaps: by its numbers it would
    /// find out only later.
    func enqueue(_ frame: Frame, to id: WebSocketClient.ID) {
        guard let connection = connection(id), let peer = connection.peer, peer.closing == nil else { return }
        if peer.outbox.append(frame, limits: configuration.limits, sending: peer.sending?.frame) {
            lws_callback_on_writable(connection.wsi)
        } else {
            peer.outbox.removeAll()
            close(connection, code: 1013, reason: "Too far behind. Come back with the last number.")
        }
        recount(peer)
        makeRoom()
    }

    /// A reading for one client; dropped where there is no room.
    func enqueue(reading frame: Frame, key: String, to id: WebSocketClient.ID) {
        guard let connection = connection(id), let peer = connection.peer, peer.closing == nil else { return }
        peer.outbox.put(frame, key: key, limits: configuration.limits)
        lws_callback_on_writable(connection.wsi)
        recount(peer)
        makeRoom()
    }

    /// Closes once the outbox is empty, or when the peer takes nothing for too long.
    func close(_ connection: Connection, code: UInt16, reason: String) {
        guard let peer = connection.peer, peer.closing == nil else { return }
        peer.closing = (code, reason)
        lws_set_timeout(connection.wsi, PENDING_TIMEOUT_CLOSE_SEND, Int32(configuration.limits.stallSeconds))
        lws_callback_on_writable(connection.wsi)
    }

    /// The link can be written. After 32 frames, or when the socket is full, the others have their turn. A close is
    /// sent only once all that waits has gone out.
    func writeFrames(_ wsi: OpaquePointer) -> Int32 {
        guard let peer = connection(of: wsi)?.peer else { return 0 }
        defer { recount(peer) }
        // Several small frames at one go, but not so many that others wait.
        for _ in 0..<32 {
            if peer.sending == nil { peer.sending = peer.outbox.next().map { ($0, 0) } }
            guard let (frame, sent) = peer.sending else { break }
            guard writePart(of: frame, after: sent, peer, wsi) else { return -1 }
            if lws_send_pipe_choked(wsi) != 0 { break }
        }
        guard peer.isDrained else {
            lws_callback_on_writable(wsi)
            return 0
        }
        if let (code, reason) = peer.closing { return end(wsi, code: code, reason: reason) }
        if peer.isEcho { setPaused(false, peer, wsi) }
        return 0
    }

    /// A small frame goes out whole, from where all its receivers share it; a large one in parts, so that no receiver needs a copy.
    private func writePart(of frame: Frame, after sent: Int, _ peer: Peer, _ wsi: OpaquePointer) -> Bool {
        guard let listener else { return false }
        let count = min(Listener.scratchRoom, frame.count - sent)
        let isLast = sent + count == frame.count
        peer.sending = isLast ? nil : (frame, sent + count)
        var start = frame.payload
        if frame.count > count {
            start = listener.scratch + Frame.padding
            start.update(from: frame.payload + sent, count: count)
        }
        let kind = sent > 0 ? LWS_WRITE_CONTINUATION : frame.isBinary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT
        let flags = lws_write_protocol(rawValue: kind.rawValue | (isLast ? 0 : LWS_WRITE_NO_FIN.rawValue))
        return lws_write(wsi, start, count, flags) >= 0
    }

    /// Closes with a code and a reason, cut between two characters and not within one.
    private func end(_ wsi: OpaquePointer, code: UInt16, reason: String) -> Int32 {
        // The protocol leaves 123 bytes for the reason.
        var text = Array(reason.utf8.prefix(123))
        while String(validating: text, as: UTF8.self) == nil { text.removeLast() }
        lws_close_reason(wsi, lws_close_status(rawValue: UInt32(code)), &text, text.count)
        return -1
    }
}

// The application hears about one client at a time, in order, off the network thread. There is one task for each client
// that has news, and not one for each message: those could overtake each other.
extension WebServer {
    private func tell(_ news: ClientEvent, _ peer: Peer) {
        guard !peer.isEcho else { return }
        peer.news.append(news)
        guard !peer.isTelling else { return }
        peer.isTelling = true
        Task { await tellAll(peer) }
    }

    /// Until nothing is left, also of what came meanwhile. Reading goes on as soon as a batch is taken.
    private func tellAll(_ peer: Peer) async {
        while !peer.news.isEmpty {
            let batch = peer.news
            (peer.news, peer.newsBytes) = ([], 0)
            if let connection = connection(peer.client.id) { setPaused(false, peer, connection.wsi) }
            for news in batch { await tell(news, of: peer.client) }
        }
        peer.isTelling = false
    }

    private nonisolated func tell(_ news: ClientEvent, of client: WebSocketClient) async {
        switch news {
        case .connected: await application.connected(client)
        case .text(let text): await application.received(text, from: client)
        case .disconnected: await application.disconnected(client.id)
        }
    }
}
