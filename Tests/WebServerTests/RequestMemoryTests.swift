import Synchronization
import Testing

@testable import WebServer

/// What requests and answers hold, however many links they come by.
@Suite struct RequestMemoryTests {
    private static let size = 300_000
    /// More than the system takes for a reader that rests.
    private static let hugeSize = 20_000_000

    private func withBigAnswers(
        _ change: (inout WebServer.Limits) -> Void, _ body: (Int, WebServer) async throws -> Void
    ) async throws {
        let application = TestApplication { request in
            switch request.path {
            case "/big": HTTPResponse(body: .bytes([UInt8](repeating: 120, count: Self.size)))
            case "/huge": HTTPResponse(body: .bytes([UInt8](repeating: 120, count: Self.hugeSize)))
            default: TestApplication.describe(request)
            }
        }
        try await withServer(application) {
            // Whoever does not read is not to go for that.
            $0.limits.stallSeconds = 600
            $0.limits.bodySeconds = 600
            $0.limits.requestSum = 1 << 20
            change(&$0.limits)
        } _: { port, server in
            try await body(port, server)
        }
    }

    @Test func `answers that nobody reads hold no more than all may, and a good client waits for none of them`() async throws {
        try await withBigAnswers { _ in
        } _: { port, server in
            let deaf = try await blocking {
                try (0..<60).map { _ in
                    let socket = try RawSocket(port: port)
                    socket.narrow()
                    try socket.send("GET /big?as=deaf HTTP/1.1\r\nHost: a\r\n\r\n")
                    return socket
                }
            }
            #expect(try await ask(port, "GET", "/big?as=good").body.count == Self.size)
            await server.awaitConnections(atMost: 10)
            // Besides the largest.
            #expect(await server.requestBytes <= (1 << 20) + Self.size + 1000)
            #expect(try await ask(port, "GET", "/big?as=good").body.count == Self.size)
            withExtendedLifetime(deaf) {}
        }
    }

    @Test func `bodies that never end hold no more than all may, and a good client's is taken`() async throws {
        try await withBigAnswers { _ in
        } _: { port, server in
            let greedy = try await blocking {
                try (0..<60).map { _ in
                    let socket = try RawSocket(port: port)
                    try socket.send("POST /?as=greedy HTTP/1.1\r\nHost: a\r\nContent-Length: 250000\r\n\r\n")
                    // It may have been given up meanwhile.
                    try? socket.send([UInt8](repeating: 120, count: 200_000))
                    return socket
                }
            }
            await server.awaitConnections(atMost: 10)
            #expect(await server.requestBytes <= (1 << 20) + 200_000)
            let answer = try await ask(port, "POST", "/?as=good", body: String(repeating: "x", count: 200_000))
            #expect(answer.status == 200)
            withExtendedLifetime(greedy) {}
        }
    }

    @Test func `what is given up is in the log once a minute`() async throws {
        let lines = Lines()
        try await withServer(TestApplication()) {
            $0.limits.requestSum = 1000
            $0.log = { lines.append($0) }
        } _: { port, server in
            let spared = try await beginBody("other", 5000, port)
            await server.awaitState { $0.requestBytes == 5000 }
            for _ in 0..<5 {
                let answer = try await ask(port, "POST", "/?as=greedy", body: String(repeating: "x", count: 2000))
                #expect(answer.status == 503)
            }
            #expect(lines.all.filter { $0.contains("given up") }.count == 1)
            withExtendedLifetime(spared) {}
        }
    }

    @Test func `what is given up with a further request behind it ends, and holds nobody up`() async throws {
        try await withServer(TestApplication()) {
            $0.limits.requestSum = 1000
        } _: { port, server in
            let spared = try await beginBody("other", 5000, port)
            await server.awaitState { $0.requestBytes == 5000 }
            let text = String(repeating: "x", count: 2000)
            let rest = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send(
                    "POST /?as=greedy HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n\(text)GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                )
                return String(decoding: try socket.readToEnd(), as: UTF8.self)
            }
            #expect(!rest.contains("200 OK"))
            #expect(try await ask(port, "GET", "/").status == 200)
            await server.awaitConnections(atMost: 1)
            #expect(await server.requestBytes == 5000)
            withExtendedLifetime(spared) {}
        }
    }

    /// A body that does not end.
    private func beginBody(_ name: String, _ size: Int, _ port: Int) async throws -> RawSocket {
        try await blocking {
            let socket = try RawSocket(port: port)
            try socket.send("POST /?as=\(name) HTTP/1.1\r\nHost: a\r\nContent-Length: \(size + 1)\r\n\r\n")
            try socket.send([UInt8](repeating: 120, count: size))
            return socket
        }
    }

    @Test func `one answer alone may be as large as it must`() async throws {
        try await withBigAnswers {
            $0.requestSum = 1000
        } _: { port, server in
            let answer = try await ask(port, "GET", "/big")
            #expect(answer.body.count == Self.size)
            await server.awaitConnections(atMost: 0)
            #expect(await server.requestBytes == 0)
            #expect(await server.perSender.isEmpty)
        }
    }

    @Test func `a large answer holds no more than what is left of it`() {
        let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let answer = PreparedAnswer(HTTPResponse(body: .bytes(body)))
        var reply = Reply(head: [1, 2, 3], body: answer.bytes, more: answer.more, rest: nil, keepsAlive: true)
        #expect(answer.length == body.count && reply.heldBytes == body.count + 3 && !reply.hasBegun)
        let room = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 30_000)
        defer { room.deallocate() }
        var sent: [UInt8] = []
        while let start = room.baseAddress, !reply.isComplete {
            sent += UnsafeMutableBufferPointer(start: start, count: reply.fill(start, room: room.count))
            #expect(reply.hasBegun && reply.heldBytes <= body.count + 3 - sent.count + FilePart.chunk + 3)
        }
        #expect(sent == [1, 2, 3] + body)
    }

    @Test(.timeLimit(.minutes(1))) func `what has gone out of a large answer is counted no more`() async throws {
        try await withBigAnswers { _ in
        } _: { port, server in
            let socket = try await blocking {
                let socket = try RawSocket(port: port)
                socket.narrow()
                try socket.send("GET /huge?as=slow HTTP/1.1\r\nHost: a\r\n\r\n")
                return socket
            }
            await server.awaitState { $0.requestBytes > Self.hugeSize / 2 }
            _ = try await blocking { try socket.read(Self.hugeSize / 2) }
            await server.awaitState { $0.requestBytes <= Self.hugeSize / 2 }
            _ = try await blocking { try socket.read(Self.hugeSize / 4) }
            await server.awaitState { $0.requestBytes <= Self.hugeSize / 4 }
        }
    }

    @Test func `a large answer is read to its end, whatever others and the same person ask for meanwhile`() async throws {
        try await withBigAnswers {
            $0.requestSum = 1000
        } _: { port, _ in
            let reader = try await blocking {
                let socket = try RawSocket(port: port)
                socket.narrow()
                try socket.send("GET /huge?as=reader HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                return (socket, try socket.read(100_000).count)
            }
            for name in ["other", "reader", "nobody"] { #expect(try await ask(port, "GET", "/?as=\(name)").status == 200) }
            #expect(try await blocking { try reader.0.readToEnd().count } + reader.1 > Self.hugeSize)
        }
    }

    @Test(arguments: ["GET", "POST"]) func `what was done is not told to be refused when its answer finds no room`(method: String)
        async throws
    {
        try await withBigAnswers {
            $0.requestSum = 1000
        } _: { port, server in
            let deaf = try await blocking {
                let socket = try RawSocket(port: port)
                socket.narrow()
                try socket.send("GET /huge?as=deaf HTTP/1.1\r\nHost: a\r\n\r\n")
                return socket
            }
            // The system has taken some of it by now.
            await server.awaitState { $0.requestBytes > Self.hugeSize / 2 }
            let rest = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("\(method) /big?as=deaf HTTP/1.1\r\nHost: a\r\n\r\n")
                return String(decoding: try socket.readToEnd(), as: UTF8.self)
            }
            #expect(method == "GET" ? rest.contains("server.noRoom") : rest.isEmpty)
            withExtendedLifetime(deaf) {}
        }
    }

    @Test(arguments: [("nobody", 16 << 10, 200), ("nobody", (16 << 10) + 1, 413), ("tester", (16 << 10) + 1, 200)])
    func `whoever is not signed in sends no more than a sign-in needs`(name: String, count: Int, status: Int) async throws {
        try await withServer { port, _ in
            let answer = try await ask(port, "POST", "/?as=\(name)", body: String(repeating: "x", count: count))
            #expect(answer.status == status)
            if status == 413 { #expect(answer.text.contains("request.tooLarge") && answer.text.contains("Sign in first.")) }
        }
    }

    /// On `/slow` until the test lets it go.
    private func withSlowAnswers(
        _ change: (inout WebServer.Limits) -> Void, _ body: (Int, WebServer, AsyncStream<Void>.Continuation) async throws -> Void
    ) async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let application = TestApplication { request in
            if request.path == "/slow" { for await _ in gate { break } }
            return HTTPResponse(status: 299)
        }
        try await withServer(application) {
            $0.limits.smallBody = 100
            change(&$0.limits)
        } _: { port, server in
            try await body(port, server, open)
        }
    }

    private func beginSlow(_ method: String, _ name: String, _ text: String, _ port: Int, _ server: WebServer) async throws
        -> RawSocket
    {
        let slow = try await blocking {
            let socket = try RawSocket(port: port)
            try socket.send(
                "\(method) /slow?as=\(name) HTTP/1.1\r\nHost: a\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
            return socket
        }
        await server.awaitState { $0.connections.values.contains { $0.exchange?.isAtWork == true } }
        return slow
    }

    @Test(arguments: [("GET", 0), ("POST", 900)])
    func `a person has so much under way at once, and another waits for none of it`(method: String, size: Int) async throws {
        try await withSlowAnswers {
            if size > 0 { $0.workPerSender = 1000 } else { $0.requestsPerPerson = 1 }
        } _: { port, server, open in
            let text = String(repeating: "x", count: size)
            let slow = try await beginSlow(method, "busy", text, port, server)
            let refused = try await ask(port, method, "/quick?as=busy", body: text)
            #expect(refused.status == 429 && refused.text.contains("request.tooMany") && refused.headers["retry-after"] == "5")
            #expect(try await ask(port, method, "/quick?as=other", body: text).status == 299)
            open.yield()
            #expect(try await blocking { try slow.readResponse() }.status == 299)
            #expect(try await ask(port, method, "/quick?as=busy", body: text).status == 299)
        }
    }

    @Test(arguments: [("GET", 0), ("POST", 900)])
    func `a command is taken, however much its sender has under way`(method: String, size: Int) async throws {
        try await withSlowAnswers {
            ($0.workPerSender, $0.requestsPerPerson) = (1000, 1)
        } _: { port, server, open in
            let slow = try await beginSlow(method, "busy", String(repeating: "x", count: size), port, server)
            for text in ["", "stop", String(repeating: "x", count: 100)] {
                #expect(try await ask(port, "POST", "/stop?as=busy", body: text).status == 299)
            }
            open.yield()
            #expect(try await blocking { try slow.readResponse() }.status == 299)
        }
    }

    // Each has a body: of others the library sees only at the answer that the link has gone, and they count as long.
    @Test(arguments: [("busy", true), ("busy", false), ("nobody", false)])
    func `what is worked on counts until it is done, also where the link has gone`(name: String, isLarge: Bool) async throws {
        try await withSlowAnswers {
            if isLarge { $0.workPerSender = 1000 } else { ($0.requestsPerPerson, $0.smallBody) = (1, 1000) }
        } _: { port, server, open in
            let text = String(repeating: "x", count: 900)
            try await beginSlow("POST", name, text, port, server).reset()
            await server.awaitConnections(atMost: 0)
            #expect(await server.requestBytes == 900)
            #expect(try await ask(port, "POST", "/quick?as=\(name)", body: text).status == 429)
            open.yield()
            await server.awaitState { $0.perSender.isEmpty && $0.requestBytes == 0 }
            #expect(try await ask(port, "POST", "/quick?as=\(name)", body: text).status == 299)
        }
    }
}

extension WebServer {
    fileprivate func awaitState(_ isReached: @Sendable (isolated WebServer) -> Bool) async {
        while !Task.isCancelled, !isReached(self) { await Task.yield() }
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
}
