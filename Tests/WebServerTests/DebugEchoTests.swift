import Testing
import WebServer

@Suite struct DebugEchoTests {
    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20, 16 << 20])
    func `a message of any size comes back whole`(size: Int) async throws {
        try await withEcho { page in
            let payload =
                size > 1 << 20 ? [UInt8](repeating: 7, count: size) : (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try page.send(.binary, payload)
            let back = try page.readMessage()
            #expect(back.kind == .binary && back.payload == payload)
            let text = [UInt8](repeating: 0x61, count: size)
            try page.send(.text, text)
            #expect(try page.readMessage() == .init(kind: .text, payload: text))
        }
    }

    @Test func `a message beyond sixteen mebibytes closes with 1009`() async throws {
        try await withEcho { page in
            // The server may hang up before it has all of it.
            try? page.send(.binary, [UInt8](repeating: 0, count: 16 << 20 + 1))
            let code = try page.readClose()
            #expect(code == 1009)
        }
    }

    @Test func `many messages at once come back in order`() async throws {
        try await withEcho { page in
            for number in 0..<500 { try page.send("message \(number)") }
            let back = try (0..<500).map { _ in try page.readMessage().text }
            #expect(back == (0..<500).map { "message \($0)" })
        }
    }

    @Test func `parts are joined, with a ping answered in between`() async throws {
        try await withEcho { page in
            try page.send(.text, Array("one ".utf8), isLast: false)
            try page.send(.ping, Array("are you there".utf8))
            try page.send(.continuation, [], isLast: false)
            try page.send(.continuation, Array("two".utf8))
            #expect(try page.readFrame() == .init(kind: .pong, payload: Array("are you there".utf8)))
            #expect(try page.readMessage().text == "one two")
        }
    }

    @Test func `a character may be cut by parts`() async throws {
        try await withEcho { page in
            try page.send(.text, [0xE2, 0x82], isLast: false)
            try page.send(.continuation, [0xAC])
            #expect(try page.readMessage().text == "€")
        }
    }

    @Test(arguments: [[0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
    func `text that is not UTF-8 closes with 1007`(bytes: [UInt8]) async throws {
        try await withEcho { page in
            try page.send(.text, bytes)
            #expect(try page.readClose() == 1007)
        }
    }

    @Test(
        arguments: [
            [(0x80, "x")], [(0x01, "x"), (0x81, "y")], [(0xC1, "x")], [(0x83, "")], [(0x8B, "")], [(0x09, "x")], [(0xF1, "x")],
            [(0x89, String(repeating: "x", count: 126))], [(0x88, "x")],
        ] as [[(UInt8, String)]])
    func `frames against the protocol close the link`(frames: [(UInt8, String)]) async throws {
        try await withEcho { page in
            for (first, text) in frames { try page.socket.send(RawWebSocket.bytes(first, Array(text.utf8))) }
            let end = Result { try page.readClose() }
            #expect((try? end.get()).map { $0 == 1002 } ?? true)
            #expect(throws: RawProblem.closed) { try page.readFrame() }
        }
    }

    @Test(arguments: [(1000, 1000), (1001, 1001), (3000, 3000), (4999, 4999)])
    func `a close is answered with its own code`(sent: Int, answered: Int) async throws {
        try await withEcho { page in
            try page.send(.close, [UInt8(sent >> 8), UInt8(sent & 255)])
            #expect(try page.readClose() == answered)
        }
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1016, 2999])
    func `a close with a code that must not be sent is answered with 1002`(code: Int) async throws {
        try await withEcho { page in
            try page.send(.close, [UInt8(code >> 8), UInt8(code & 255)])
            #expect(try page.readClose() == 1002)
        }
    }
}

/// A link to the echo; the body runs where it may block.
private func withEcho(_ body: @escaping @Sendable (RawWebSocket) throws -> Void) async throws {
    try await withServer {
        $0.debugEcho = true
    } _: { port, _ in
        try await blocking { try body(RawWebSocket(port: port, path: "/debug/echo", subprotocol: nil)) }
    }
}
