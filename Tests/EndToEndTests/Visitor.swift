import Foundation
import JSONText

/// Somebody who is signed in.
struct Visitor: Sendable {
    let port: Int
    let cookie: String

    init(_ username: String, on server: ServerProcess) async throws {
        port = server.port
        let answer = try await Self.ask(
            port, "POST", "/api/login", body: ["username": .string(username), "password": .string(ServerProcess.password)])
        guard answer.status == 200, let given = answer.headers["set-cookie"] else { throw LinkProblem.notHTTP }
        cookie = String(given.prefix { $0 != ";" })
    }

    func get(_ path: String) async throws -> Answer { try await Self.ask(port, "GET", path, cookie: cookie) }

    func post(_ path: String, _ body: JSONValue = [:]) async throws -> Answer {
        try await Self.ask(port, "POST", path, cookie: cookie, body: body)
    }

    /// A page that watches this topic from now on, from its snapshot.
    func watch(_ topic: String) async throws -> Page {
        try await blocking { [port, cookie] in try Page(port: port, cookie: cookie, topic: topic) }
    }

    private static func ask(
        _ port: Int, _ method: String, _ path: String, cookie: String? = nil, body: JSONValue? = nil
    ) async throws -> Answer {
        let text = body.map(JSONText.write) ?? ""
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nConnection: close\r\n"
        if let cookie { head += "Cookie: \(cookie)\r\n" }
        if body != nil { head += "Content-Type: application/json\r\nContent-Length: \(text.utf8.count)\r\n" }
        let bytes = Array("\(head)\r\n\(text)".utf8)
        return try await blocking {
            let link = try Link(port: port)
            try link.send(bytes)
            return try link.readAnswer()
        }
    }
}

/// The push of one topic, message by message.
final class Page: Sendable {
    private let link: Link
    let snapshot: JSONValue

    fileprivate init(port: Int, cookie: String, topic: String) throws {
        link = try Link(port: port)
        let request = [
            "GET /push HTTP/1.1", "Host: localhost", "Origin: http://localhost", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: gridpilot.v1", "Cookie: \(cookie)",
        ]
        try link.send(Array((request.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        guard try link.readHead().status == 101 else { throw LinkProblem.notHTTP }
        try Self.send(["op": "subscribe", "topic": .string(topic)], over: link)
        var message = try Self.read(link)
        while message["kind"]?.text != "snapshot" { message = try Self.read(link) }
        snapshot = message
    }

    /// An event that does not come within so long does not come: heartbeats keep the link from ever being silent.
    private static let patience = Duration.seconds(240)

    /// The next event of one of these types; others are passed over.
    func next(_ types: String...) async throws -> JSONValue {
        try await blocking { [link] in
            let start = ContinuousClock.now
            while true {
                let message = try Self.read(link)
                if ContinuousClock.now - start > Self.patience { throw LinkProblem.eventMissing(types) }
                if message["kind"]?.text == "event", let type = message["type"]?.text, types.contains(type) { return message }
            }
        }
    }

    /// The next event of this type that fits.
    func next(_ type: String, where fits: @escaping @Sendable (JSONValue) -> Bool) async throws -> JSONValue {
        while true {
            let event = try await next(type)
            if fits(event) { return event }
        }
    }

    private static func send(_ value: JSONValue, over link: Link) throws {
        try send(Array(JSONText.write(value).utf8), kind: 0x81, over: link)
    }

    /// Subscriptions and answers to pings are short: their length fits the first byte.
    private static func send(_ payload: [UInt8], kind: UInt8, over link: Link) throws {
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        try link.send([kind, 0x80 | UInt8(payload.count)] + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] })
    }

    /// The next whole message; large ones come in parts.
    private static func read(_ link: Link) throws -> JSONValue {
        var text: [UInt8] = []
        while true {
            let head = try link.read(2)
            var count = Int(head[1] & 0x7F)
            if count >= 126 { count = try link.read(count == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) } }
            let payload = try link.read(count)
            switch head[0] & 15 {
            case 0, 1: text += payload
            case 8: throw LinkProblem.closed
            // A page that leaves a ping unanswered counts as gone.
            case 9:
                try send(payload, kind: 0x8A, over: link)
                continue
            default: continue
            }
            if head[0] & 0x80 != 0 { return try JSONText.parse(text) }
        }
    }
}
