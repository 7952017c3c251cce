import Foundation

/// The client's side of a WebSocket, frame by frame: it can also say what no browser would.
struct RawWebSocket: Sendable {
    enum Kind: UInt8, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    struct Frame: Sendable, Equatable {
        var kind: Kind
        var isLast = true
        var payload: [UInt8]

        var text: String { String(decoding: payload, as: UTF8.self) }
        /// The number a close frame gives.
        var code: Int? { kind == .close && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
    }

    let socket: RawSocket
    let handshake: RawResponse

    init(port: Int, path: String = "/push", subprotocol: String? = "test.v1", headers: [String: String] = [:]) throws {
        try self.init(RawSocket(port: port), path: path, subprotocol: subprotocol, headers: headers)
    }

    init(_ socket: RawSocket, path: String, subprotocol: String?, headers: [String: String] = [:]) throws {
        self.socket = socket
        try socket.send(Self.request(path: path, subprotocol: subprotocol, headers: headers))
        handshake = try socket.readResponse()
    }

    /// A complete request to upgrade; a header given here replaces the usual one, an empty value leaves it out.
    static func request(path: String, subprotocol: String?, headers: [String: String] = [:]) -> String {
        var all = [
            "Host": "test", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": subprotocol ?? "",
        ]
        all.merge(headers) { _, given in given }
        let lines = all.filter { !$0.value.isEmpty }.map { "\($0.key): \($0.value)\r\n" }
        return "GET \(path) HTTP/1.1\r\n\(lines.sorted().joined())\r\n"
    }

    func send(_ text: String) throws { try send(.text, Array(text.utf8)) }

    func send(_ kind: Kind, _ payload: [UInt8] = [], isLast: Bool = true) throws {
        try socket.send(Self.bytes(kind.rawValue | (isLast ? 0x80 : 0), payload))
    }

    /// A masked frame with any first byte.
    static func bytes(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        // A large payload goes under a mask of zeros, which is legal and quick.
        let mask: [UInt8] = payload.count < 65_536 ? [0x12, 0x34, 0x56, 0x78] : [0, 0, 0, 0]
        var bytes = [first]
        switch payload.count {
        case ..<126: bytes.append(0x80 | UInt8(payload.count))
        case ..<65_536: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: bytes += [0x80 | 127] + stride(from: 56, through: 0, by: -8).map { UInt8(payload.count >> $0 & 255) }
        }
        return bytes + mask + (mask[0] == 0 ? payload : payload.enumerated().map { $1 ^ mask[$0 & 3] })
    }

    func readFrame() throws -> Frame {
        let head = try socket.read(2)
        guard let kind = Kind(rawValue: head[0] & 15), head[1] & 0x80 == 0 else { throw RawProblem.notHTTP }
        var count = Int(head[1])
        if count >= 126 {
            count = try socket.read(count == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        return Frame(kind: kind, isLast: head[0] & 0x80 != 0, payload: try socket.read(count))
    }

    /// The next whole message, its parts joined; control frames come as they are.
    func readMessage() throws -> Frame {
        var message = try readFrame()
        while !message.isLast {
            let part = try readFrame()
            guard part.kind == .continuation else { continue }
            message.payload += part.payload
            message.isLast = part.isLast
        }
        return message
    }

    /// Everything up to the text, each ping of the server answered.
    func framesWhileAnswering(until text: String) throws -> [Frame] {
        var frames: [Frame] = []
        while frames.last?.text != text {
            let frame = try readFrame()
            if frame.kind == .ping { try send(.pong, frame.payload) }
            frames.append(frame)
        }
        return frames
    }

    /// The code the server closes with; what comes before is passed over.
    func readClose() throws -> Int? {
        var frame = try readFrame()
        while frame.kind != .close { frame = try readFrame() }
        return frame.code
    }
}
