import Testing

@testable import WebServer

@Suite struct LinkLimitTests {
    @Test func `what is allowed where nobody has said otherwise`() {
        let limits = WebServer.Limits()
        #expect(limits.headers == 16 << 10 && limits.body == 1 << 20 && limits.message <= 1 << 20)
        #expect(limits.headSeconds == 10 && limits.bodySeconds == 30 && limits.keepAliveSeconds == 60)
        #expect(limits.webSocketsPerOwner == 32 && limits.webSocketsPerAddress == 256 && limits.connectionsPerAddress == 256)
        #expect(limits.outboxBytes == 1 << 20)
    }

    @Test func `a link that rests after its answer is ended in its time`() async throws {
        try await withServer {
            ($0.limits.keepAliveSeconds, $0.limits.headSeconds, $0.limits.stallSeconds) = (1, 300, 300)
        } _: { port, _ in
            let (answer, rest) = try await blocking {
                let socket = try RawSocket(port: port)
                return (try socket.ask("GET", "/"), try socket.readToEnd())
            }
            #expect(answer.status == 200 && rest.isEmpty)
        }
    }

    @Test func `a body that trickles has one time for all of it`() async throws {
        try await withServer {
            ($0.limits.bodySeconds, $0.limits.stallSeconds) = (1, 60)
        } _: { port, _ in
            let (answer, sent) = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
                // A byte now and then, far more often than it would take to be cut off for silence, and never all of them.
                var sent = 0
                while sent < 10_000, try !socket.hasAnswer(within: 10), (try? socket.send("x")) != nil { sent += 1 }
                return (try? socket.readResponse(), sent)
            }
            #expect(sent < 5000, "it was cut off, and not for the end of its bytes")
            // A peer that is still sending may lose the answer with the link.
            #expect(answer.map { $0.status == 408 } ?? true)
        }
    }

    @Test func `a body that stops half-way is answered for, and its link ends`() async throws {
        try await withServer {
            ($0.limits.bodySeconds, $0.limits.stallSeconds) = (1, 60)
        } _: { port, _ in
            let answer = try await ask(port, raw: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
            #expect(answer.status == 408 && answer.text.contains("request.slow"))
        }
    }

    @Test(arguments: ["", "GET / HT", "GET / HTTP/1.1\r\nX-A: \u{0}", "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"])
    func `a head that does not end is cut off in its time`(raw: String) async throws {
        try await withServer {
            ($0.limits.headSeconds, $0.limits.stallSeconds) = (1, 60)
        } _: { port, _ in
            let rest = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send(raw)
                return try socket.readToEnd()
            }
            #expect(!String(decoding: rest, as: UTF8.self).contains("200 OK"))
        }
    }

    @Test func `silent links of an address make room for those that ask`() async throws {
        try await withServer {
            $0.limits.connectionsPerAddress = 4
        } _: { port, _ in
            let silent = try await blocking { try (0..<20).map { _ in try RawSocket(port: port) } }
            for _ in 0..<3 { #expect(try await ask(port, "GET", "/").status == 200) }
            // The oldest went first, and the last that came are still there.
            let (first, last) = try await blocking { (try silent[0].readToEnd(), try silent[19].ask("GET", "/")) }
            #expect(first.isEmpty && last.status == 200)
        }
    }

    @Test func `links that asked once and then rest make room, and one whose answer is under way does not`() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let application = TestApplication { request in
            if request.path == "/slow" { for await _ in gate { break } }
            return TestApplication.describe(request)
        }
        try await withServer(application) {
            $0.limits.connectionsPerAddress = 3
        } _: { port, _ in
            let slow = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
                return socket
            }
            for _ in 0..<6 {
                let resting = try await blocking {
                    let socket = try RawSocket(port: port)
                    _ = try socket.ask("GET", "/quick")
                    return socket
                }
                withExtendedLifetime(resting) {}
            }
            open.yield()
            #expect(try await blocking { try slow.readResponse() }.text == "GET /slow [] ")
        }
    }

    @Test func `open pages and other links of an address have limits of their own`() async throws {
        try await withServer {
            ($0.limits.connectionsPerAddress, $0.limits.webSocketsPerAddress) = (2, 3)
        } _: { port, _ in
            let pages = try await blocking { try (0..<3).map { _ in try RawWebSocket(port: port) } }
            #expect(pages.allSatisfy { $0.handshake.status == 101 })
            // It is refused after the library has answered the handshake, so it ends at once.
            let rest = try await blocking { try? RawWebSocket(port: port).socket.readToEnd() }
            #expect(rest?.isEmpty ?? true)
            let silent = try await blocking { try (0..<5).map { _ in try RawSocket(port: port) } }
            #expect(try await ask(port, "GET", "/").status == 200)
            try await blocking { try pages[0].send("still here") }
            withExtendedLifetime(silent) {}
        }
    }

    @Test func `however many addresses they come from, silent links do not use up all there are`() async throws {
        try await withServer {
            $0.limits.connections = 5
        } _: { port, server in
            let silent = try await blocking { try (0..<30).map { _ in try RawSocket(port: port) } }
            for _ in 0..<3 { #expect(try await ask(port, "GET", "/").status == 200) }
            await server.awaitConnections(atMost: 6)
            withExtendedLifetime(silent) {}
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", upgrade,
    ])
    func `a link that made room for another takes up nothing that comes over it meanwhile`(request: String) async throws {
        let application = TestApplication { _ in HTTPResponse(status: 299) }
        try await withServer(application) { port, server in
            let socket = try await blocking {
                let socket = try RawSocket(port: port)
                _ = try socket.ask("GET", "/")
                return socket
            }
            await server.dropAll()
            let rest = try await blocking {
                try socket.send(request)
                return try socket.readToEnd()
            }
            #expect(rest.isEmpty)
            await server.awaitConnections(atMost: 0)
        }
    }

    private static let upgrade =
        "GET /push HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: test.v1\r\n\r\n"
}

extension WebServer {
    /// As when each makes room for another, whose request was there before the link's end was.
    fileprivate func dropAll() {
        for connection in connections.values where !connection.isDropped {
            uncount(connection)
            connection.isDropped = true
        }
    }
}
