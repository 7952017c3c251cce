import Testing

@testable import WebServer

@Suite struct RequestCheckTests {
    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400, "request.host"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "request.host"),
        ("GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505, "request.version"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400, "request.length"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, "request.length"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400, "request.length"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400, "request.length"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, "request.length"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "request.length"),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, "request.lengthRequired"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413, "request.tooLarge"),
        ("GET /a%01b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.path"),
        ("GET /a%7Fb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.path"),
        ("GET /a%5C..%5Cb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.path"),
        ("GET /a%FFb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.path"),
        ("GET /a%0Db HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.firstLine"),
        ("GET /a?b=%0Dc HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.firstLine"),
        ("GET /\r\n\r\n", 400, "request.firstLine"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n", 400, "request.header"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX-A\t: b\r\nX-B: c\r\n\r\n", 400, "request.header"),
        ("GET / HTTP/1.1\r\nX-Z: 1\r\nContent-Length : 5\r\nHost: a\r\n\r\n", 400, "request.header"),
        ("GET / HTTP/1.1\r\nX-A: b\r\n folded\r\nX-B: c\r\nHost: a\r\n\r\n", 400, "request.header"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\tfolded: c\r\n\r\n", 400, "request.header"),
        ("GET / HTTP/1.1\r\nX-F: b\r\nX-B: c\r\nHost: a\r\n\r\n", 400, "request.header"),
        ("GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: a\u{0}b\r\n\r\n", 400, "request.header"),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405, "request.method"),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "request.method"),
        ("BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", 405, "request.method"),
        ("GARBAGE\r\n\r\n", 400, "request.notHTTP"),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n", 400, "request.notHTTP"),
    ])
    func `a request that cannot be trusted is refused with a reason`(raw: String, status: Int, code: String) async throws {
        try await withServer { port, _ in
            let answer = try await ask(port, raw: raw)
            #expect(answer.status == status)
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.text.contains("\"code\":\"\(code)\""))
            #expect(answer.headers["connection"] == "close")
        }
    }

    /// A letter whose marks are in the wrong order: to compare it takes the square of their number.
    private static let letter = "a" + String(repeating: "\u{301}", count: 2000) + String(repeating: "\u{323}", count: 2000)

    @Test(arguments: [
        ("GET /\(letter) HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.path"),
        ("GET /%C3%A9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.path"),
        ("GET /?q=\(letter) HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.query"),
        ("GET /?\((0...64).map { "a\($0)" }.joined(separator: "&")) HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request.query"),
        ("BREW /pot HTTP/\(letter)\r\n\r\n", 405, "request.method"),
    ]) func `what takes long to compare is refused before it is`(raw: String, status: Int, code: String) async throws {
        try await withServer { port, _ in
            let answer = try await ask(port, raw: raw)
            #expect(answer.status == status && answer.text.contains("\"code\":\"\(code)\""), "\(answer.status) \(answer.text)")
        }
    }

    @Test func `what cannot be the name of a question is not kept, and what is looked for may be in any writing`() async throws {
        try await withServer { port, _ in
            let long = String(repeating: "n", count: 65)
            let path = "/?\(Self.letter)=1&%C3%A9=2&\(long)=3&q=%C3%A9t%C3%A9&q=5&\(String(repeating: "n", count: 64))"
            let answer = try await ask(port, raw: "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.text == "GET / [\(String(repeating: "n", count: 64))=&q=été] ")
        }
    }

    @Test func `headers are plain text for whoever reads them`() async throws {
        let application = TestApplication { request in
            HTTPResponse(
                body: .bytes(Array((request.cookie("b") ?? "none").utf8) + Array((request.headers["user-agent"] ?? "").utf8)))
        }
        try await withServer(application) { port, _ in
            let answer = try await ask(
                port, raw: "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=é; b=1\r\nUser-Agent: \(Self.letter)\r\n\r\n")
            #expect(answer.text == "1a" + String(repeating: "\u{7F}", count: 8000))
        }
    }

    @Test(arguments: [
        "GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\u{0}x HTTP/1.1\r\nHost: a\r\n\r\n", "GARBAGE\r\n\r\n",
        "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Long: \(String(repeating: "x", count: 40_000))\r\n\r\n",
    ])
    func `a request that is not HTTP never reaches the application`(raw: String) async throws {
        let application = TestApplication { _ in HTTPResponse(status: 299) }
        try await withServer(application) { port, _ in
            let answer = try await blocking {
                let socket = try RawSocket(port: port)
                // The server may hang up before it has all of it.
                try? socket.send(raw)
                socket.finish()
                return try? socket.readResponse()
            }
            #expect(answer.map { 400..<600 ~= $0.status } ?? true)
        }
    }

    @Test(
        arguments: [
            ("/push", ["Sec-WebSocket-Version": "12"], 426, "webSocket.version"),
            ("/push", ["Sec-WebSocket-Version": ""], 426, "webSocket.version"),
            ("/push", ["Sec-WebSocket-Key": "short"], 400, "webSocket.key"),
            ("/push", ["Sec-WebSocket-Key": ""], 400, "webSocket.key"),
            ("/push", ["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZR=="], 400, "webSocket.key"),
            ("/push", ["Sec-WebSocket-Protocol": ""], 400, "webSocket.subprotocol"),
            ("/push", ["Sec-WebSocket-Protocol": "other"], 400, "webSocket.subprotocol"),
            ("/push", ["Connection": "keep-alive"], 400, "webSocket.handshake"),
            ("/push", ["Content-Length": "5"], 400, "webSocket.handshake"),
            ("/push", ["Origin": "http://elsewhere"], 403, "request.origin"),
            ("/push", ["Origin": "null"], 403, "request.origin"),
            ("/push", ["Cookie": "gridpilot=1"], 403, "request.origin"),
            ("/push", ["Origin": "http://test.elsewhere"], 403, "request.origin"),
            ("/push", ["Host": ""], 400, "request.host"),
            ("/other", [:], 404, "webSocket.path"),
            ("/debug/echo", [:], 404, "webSocket.path"),
        ] as [(String, [String: String], Int, String)])
    func `a WebSocket that should not be is refused`(
        path: String, headers: [String: String], status: Int, code: String
    ) async throws {
        try await withServer { port, _ in
            let raw = RawWebSocket.request(path: path, subprotocol: "test.v1", headers: headers)
            let answer = try await ask(port, raw: raw)
            #expect(answer.status == status)
            #expect(answer.text.contains("\"code\":\"\(code)\""))
            #expect(answer.headers["sec-websocket-version"] == (status == 426 ? "13" : nil))
            #expect(answer.headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test func `a POST cannot become a WebSocket`() async throws {
        try await withServer { port, _ in
            let raw = RawWebSocket.request(path: "/push", subprotocol: "test.v1")
                .replacing("GET", with: "POST", maxReplacements: 1)
            let answer = try await ask(port, raw: raw)
            #expect(answer.status == 400)
        }
    }

    @Test func `an oversize body is refused while its sender is still sending`() async throws {
        try await withServer { port, _ in
            let answer = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n")
                // The server may hang up before it has all of it.
                try? socket.send([UInt8](repeating: 120, count: 200_000))
                return try socket.readResponse()
            }
            #expect(answer.status == 413)
        }
    }

    @Test func `a header that looks like many names costs the network thread next to nothing`() {
        // As long names as may be, each of which would have to be looked through to its end.
        let memory = [UInt8](repeating: UInt8(ascii: "!"), count: 16 << 10)
        let spent = ContinuousClock().measure {
            for _ in 0..<4 { memory.withUnsafeBufferPointer { #expect(StrangeHeader.suggestions(in: $0).isEmpty) } }
        }
        // Looked through one by one they take ten seconds and more in a debug build.
        #expect(spent < .seconds(1))
    }

    @Test func `a name with a blank is suggested where it stands, and one without is not`() {
        func entry(_ name: String) -> [UInt8] { [0, UInt8(name.utf8.count), 0, 1, 0, 0, 1, 0] + Array(name.utf8) + [0x31] }
        let memory = [UInt8](repeating: 0, count: 9) + entry("x-a:") + entry("x-b :") + entry("x-c\t:") + [0, 0]
        let names = memory.withUnsafeBufferPointer { memory in
            StrangeHeader.suggestions(in: memory).map { String(decoding: memory[$0], as: UTF8.self) }
        }
        #expect(names == ["x-c\t:", "x-b :"])
    }
}
