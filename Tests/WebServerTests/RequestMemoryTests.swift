import Testing

@testable import WebServer

/// What requests and answers hold, however many links they come by.
@Suite struct RequestMemoryTests {
    private static let size = 300_000

    private func withBigAnswers(
        _ change: (inout WebServer.Limits) -> Void, _ body: (Int, WebServer) async throws -> Void
    ) async throws {
        let application = TestApplication { request in
            request.path == "/big"
                ? HTTPResponse(body: .bytes([UInt8](repeating: 120, count: Self.size))) : TestApplication.describe(request)
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
            #expect(await server.requestBytes <= 1 << 20)
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
            #expect(await server.requestBytes <= 1 << 20)
            let answer = try await ask(port, "POST", "/?as=good", body: String(repeating: "x", count: 200_000))
            #expect(answer.status == 200)
            withExtendedLifetime(greedy) {}
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

    @Test(arguments: [("nobody", 16 << 10, 200), ("nobody", (16 << 10) + 1, 413), ("tester", (16 << 10) + 1, 200)])
    func `whoever is not signed in sends no more than a sign-in needs`(name: String, count: Int, status: Int) async throws {
        try await withServer { port, _ in
            let answer = try await ask(port, "POST", "/?as=\(name)", body: String(repeating: "x", count: count))
            #expect(answer.status == status)
            if status == 413 { #expect(answer.text.contains("request.tooLarge") && answer.text.contains("Sign in first.")) }
        }
    }

    @Test(arguments: [0, 900]) func `a person has so much under way at once, and another waits for none of it`(body: Int)
        async throws
    {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let application = TestApplication { request in
            if request.path == "/slow" { for await _ in gate { break } }
            return HTTPResponse(status: 299)
        }
        try await withServer(application) {
            if body > 0 { $0.limits.workPerSender = 1000 } else { $0.limits.requestsPerPerson = 1 }
        } _: { port, server in
            let text = String(repeating: "x", count: body)
            let slow = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("POST /slow?as=busy HTTP/1.1\r\nHost: a\r\nContent-Length: \(body)\r\n\r\n\(text)")
                return socket
            }
            await server.awaitWork(of: .person("busy"))
            let refused = try await ask(port, "POST", "/quick?as=busy", body: text)
            #expect(refused.status == 429 && refused.text.contains("request.tooMany") && refused.headers["retry-after"] == "5")
            #expect(try await ask(port, "POST", "/quick?as=other", body: text).status == 299)
            open.yield()
            #expect(try await blocking { try slow.readResponse() }.status == 299)
            #expect(try await ask(port, "POST", "/quick?as=busy", body: text).status == 299)
        }
    }
}

extension WebServer {
    /// Until the application has a request of this sender.
    fileprivate func awaitWork(of sender: Sender) async {
        while !Task.isCancelled,
            !connections.values.contains(where: { $0.exchange?.sender == sender && $0.exchange?.isDispatched == true })
        {
            await Task.yield()
        }
    }
}
