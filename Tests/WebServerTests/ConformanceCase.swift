import Glibc

/// What a client sends over a fresh WebSocket, and what must come of it.
struct ConformanceCase: Sendable {
    enum End: Sendable, Equatable {
        /// All is well: the client closes with 1000 and is answered so.
        case open
        /// The client has closed by itself, and is answered with this code, or with a close that has none.
        case closed(Int?)
        /// The server gives the link up: with one of these codes, or at once.
        case failed([Int])
    }
    let name: String
    /// Frames as they stand on the wire.
    let frames: [[UInt8]]
    /// Bytes that go out with one call; nil for a whole frame.
    var chop: Int?
    /// Messages, their parts joined, and answers to pings. Before a failure some of them may be missing.
    var answers: [RawWebSocket.Frame] = []
    var end = End.open

    /// `first`: the first byte of a frame, with its flags; each goes out masked.
    init(
        _ name: String, _ frames: [(first: UInt8, payload: [UInt8])], chop: Int? = nil, answers: [RawWebSocket.Frame] = [],
        end: End = .open
    ) {
        self.name = name
        self.frames = frames.map { RawWebSocket.bytes($0.first, $0.payload) }
        (self.chop, self.answers, self.end) = (chop, answers, end)
    }

    /// The same in pieces.
    func chopped(by count: Int) -> ConformanceCase {
        var copy = self
        copy.chop = count
        return copy
    }

    /// What is not as it should be. Blocks.
    func problems(port: Int) throws -> [String] {
        let socket = try RawSocket(port: port)
        socket.sendAtOnce()
        let page = try RawWebSocket(socket, path: "/debug/echo", subprotocol: nil)
        var heard: [RawWebSocket.Frame] = []
        for frame in frames {
            // Once the server has given up there is nobody to send to.
            do { try send(frame, page) } catch { break }
            // Of several pings in a row one may be answered for all, and before a close none need be.
            if end == .open, frame[0] == 0x89 { heard.append(try page.readMessage()) }
        }
        if end == .open {
            while heard.count < answers.count { heard.append(try page.readMessage()) }
            try page.send(.close, [3, 232])
        }
        var code: Int?
        var isClosed = false
        do {
            while !isClosed {
                let frame = try page.readMessage()
                if frame.kind == .close { (code, isClosed) = (frame.code, true) } else { heard.append(frame) }
            }
            // As a browser does; the server may have left already.
            try? page.send(.close, code.map { [UInt8($0 >> 8), UInt8($0 & 255)] } ?? [])
            // Nothing follows a close.
            heard.append(try page.readFrame())
        } catch RawProblem.closed {}
        return judge(heard, code, isClosed)
    }

    private func send(_ frame: [UInt8], _ page: RawWebSocket) throws {
        guard let chop else { return try page.socket.send(frame) }
        for begin in stride(from: 0, to: frame.count, by: chop) {
            try page.socket.send(Array(frame[begin..<min(begin + chop, frame.count)]))
        }
    }

    private func judge(_ heard: [RawWebSocket.Frame], _ code: Int?, _ isClosed: Bool) -> [String] {
        var found: [String] = []
        let said =
            "\(name): it was answered \(heard.map(\.short)), closed \(isClosed ? "with \(code.map(String.init) ?? "no code")" : "at once")"
        switch end {
        case .open where heard != answers || !isClosed || code != 1000: found.append(said)
        case .closed(let expected) where heard != answers || !isClosed || code != expected: found.append(said)
        case .failed(let codes) where !answers.starts(with: heard) || isClosed && !codes.contains(code ?? 0): found.append(said)
        default: break
        }
        return found
    }
}

extension RawWebSocket.Frame {
    static func text(_ bytes: [UInt8]) -> Self { Self(kind: .text, payload: bytes) }
    static func text(_ words: String) -> Self { text(Array(words.utf8)) }
    static func binary(_ bytes: [UInt8]) -> Self { Self(kind: .binary, payload: bytes) }
    static func pong(_ words: String) -> Self { Self(kind: .pong, payload: Array(words.utf8)) }

    fileprivate var short: String { "\(kind) of \(payload.count): \(payload.prefix(20))" }
}
