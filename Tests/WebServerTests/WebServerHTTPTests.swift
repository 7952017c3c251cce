import Foundation
import Synchronization
import Testing

@testable import WebServer

@Suite struct WebServerHTTPTests {
    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    func `a request reaches the application as it was sent`(method: String) async throws {
        try await withServer { port, _ in
            let body = method == "GET" || method == "OPTIONS" ? nil : "b=1"
            let answer = try await ask(port, method, "/a%20b/c?x=1&y=%26&x=2&z", body: body)
            #expect(answer.status == 200)
            #expect(answer.text == "\(method) /a b/c [x=1&y=&&z=] \(body ?? "")")
        }
    }

    @Test func `a body of any size up to the limit arrives whole`() async throws {
        let application = TestApplication { HTTPResponse(body: .bytes($0.body)) }
        try await withServer(application) { port, _ in
            for size in [0, 1, 4095, 4096, 4097, 1 << 20] {
                let body = String(repeating: "abcdefg\n", count: size / 8 + 1).prefix(size)
                let answer = try await ask(port, "POST", "/", body: String(body))
                #expect(answer.text == body)
            }
        }
    }

    @Test func `headers arrive in lower case, the further ones too`() async throws {
        let seen = Mutex<[String: String]>([:])
        let application = TestApplication { request in
            seen.withLock { $0 = request.headers }
            return HTTPResponse()
        }
        try await withServer(application) { port, _ in
            let headers = ["Cookie": "a=1", "Authorization": "Bearer x", "Idempotency-Key": "k", "Origin": "http://test"]
            _ = try await ask(port, "GET", "/", headers: headers)
            let wanted = ["cookie": "a=1", "authorization": "Bearer x", "idempotency-key": "k", "origin": "http://test"]
            #expect(seen.withLock { $0.filter { wanted[$0.key] != nil } } == wanted)
        }
    }

    @Test func `every answer carries the security headers, and the application may change the caching`() async throws {
        let application = TestApplication { request in
            HTTPResponse(headers: request.path == "/" ? [] : [("Cache-Control", "max-age=5"), ("x-bad", "a\r\nx-evil: 1")])
        }
        try await withServer(application) { port, _ in
            let plain = try await ask(port, "GET", "/")
            Self.expectSafe(plain)
            #expect(plain.headers["cache-control"] == "no-store")
            #expect(plain.headers["strict-transport-security"] == nil)
            let other = try await ask(port, "GET", "/other")
            #expect(other.headers["cache-control"] == "max-age=5")
            #expect(other.headers["x-evil"] == nil)
        }
    }

    @Test(arguments: [
        ("GET /204 HTTP/1.1\r\nHost: a", 204), ("GET /304 HTTP/1.1\r\nHost: a", 304), ("GET /404 HTTP/1.1\r\nHost: a", 404),
        ("GET /405 HTTP/1.1\r\nHost: a", 405), ("GET /500 HTTP/1.1\r\nHost: a", 500), ("GET / HTTP/9.9\r\nHost: a", 505),
        ("GET / HTTP/1.1", 400), ("BREW /pot HTTP/1.1\r\nHost: a", 405), ("GARBAGE", 400),
    ])
    func `answers of every kind carry the security headers, refusals too`(request: String, status: Int) async throws {
        let application = TestApplication { HTTPResponse(status: Int($0.path.dropFirst()) ?? 200) }
        try await withServer(application) { port, _ in
            let answer = try await ask(port, raw: request + "\r\n\r\n")
            #expect(answer.status == status)
            Self.expectSafe(answer)
        }
    }

    private static func expectSafe(_ answer: RawResponse) {
        for name in [
            "x-content-type-options", "x-frame-options", "referrer-policy", "permissions-policy", "cross-origin-opener-policy",
            "cross-origin-resource-policy", "cache-control", "date",
        ] {
            #expect(answer.headers[name] != nil, "\(name)")
        }
        let policy = answer.headers["content-security-policy"] ?? ""
        #expect(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe-"))
        // Nobody needs to know which program of which version answers.
        #expect(answer.headers["server"] == nil && answer.headers["x-powered-by"] == nil)
    }

    @Test func `answers on one link keep the order of its requests`() async throws {
        try await withServer { port, _ in
            let texts = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send((0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
                return try (0..<20).map { _ in try socket.readResponse().text }
            }
            #expect(texts == (0..<20).map { "GET /\($0) [] " })
        }
    }

    @Test(arguments: ["", "body"])
    func `requests with a body follow each other on one link`(body: String) async throws {
        try await withServer { port, _ in
            let texts = try await blocking {
                let socket = try RawSocket(port: port)
                return try (0..<20).map { try socket.ask("POST", "/\($0)", body: body).text }
            }
            #expect(texts == (0..<20).map { "POST /\($0) [] \(body)" })
        }
    }

    @Test func `a client that does not wait for the answer to a body loses its link, and no other does`() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let application = TestApplication { request in
            if request.path == "/slow" { for await _ in gate { break } }
            return TestApplication.describe(request)
        }
        try await withServer(application) { port, _ in
            let rest = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\r\nHost: a\r\n\r\n")
                return try socket.readToEnd()
            }
            let other = try await ask(port, "GET", "/quick")
            open.yield()
            #expect(rest.isEmpty)
            #expect(other.status == 200)
        }
    }

    @Test(arguments: ["HTTP/1.0\r\nHost: a", "HTTP/1.0", "HTTP/1.1\r\nHost: a\r\nConnection: close"])
    func `a link that wants to end ends after its answer`(version: String) async throws {
        try await withServer { port, _ in
            let text = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("GET /x \(version)\r\n\r\n")
                return String(decoding: try socket.readToEnd(), as: UTF8.self)
            }
            #expect(text.contains("connection: close\r\n"))
            #expect(text.hasSuffix("GET /x [] "))
        }
    }

    @Test func `a client that waits for leave to send its body gets it`() async throws {
        try await withServer { port, _ in
            let (leave, answer) = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                let leave = try socket.read(until: "\r\n\r\n")
                try socket.send("ok")
                return (leave, try socket.readResponse())
            }
            #expect(leave == "HTTP/1.1 100 Continue")
            #expect(answer.text == "POST / [] ok")
        }
    }

    @Test func `a large answer from memory arrives whole`() async throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 >> 3) }
        try await withServer(TestApplication { _ in HTTPResponse(body: .bytes(bytes)) }) { port, _ in
            let answer = try await ask(port, "GET", "/")
            #expect(answer.body == bytes)
        }
    }

    @Test func `a request that takes long does not hold up the others`() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let application = TestApplication { request in
            if request.path == "/slow" { for await _ in gate.stream { break } }
            return TestApplication.describe(request)
        }
        try await withServer(application) { port, _ in
            let socket = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
                return socket
            }
            for _ in 0..<5 {
                let quick = try await ask(port, "GET", "/quick")
                #expect(quick.text == "GET /quick [] ")
            }
            gate.continuation.yield()
            let slow = try await blocking { try socket.readResponse() }
            #expect(slow.text == "GET /slow [] ")
        }
    }

    @Test func `clients that vanish while an answer is made leave nothing behind`() async throws {
        let (began, begin) = AsyncStream<Void>.makeStream()
        let (gate, open) = AsyncStream<Void>.makeStream()
        let done = AsyncStream<Void>.makeStream()
        let application = TestApplication { _ in
            begin.yield()
            for await _ in gate { break }
            done.continuation.yield()
            return HTTPResponse(body: .bytes([UInt8](repeating: 0, count: 1 << 20)))
        }
        try await withServer(application) { port, server in
            for _ in 0..<20 {
                let socket = try await blocking {
                    let socket = try RawSocket(port: port)
                    try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    return socket
                }
                for await _ in began { break }
                socket.reset()
                open.yield()
                for await _ in done.stream { break }
                await server.awaitConnections(atMost: 0)
            }
            #expect(await server.connectionCount == 0)
        }
    }

    @Test func `half a request, and then silence or an end, harms nobody`() async throws {
        try await withServer { port, server in
            for raw in [
                "", "G", "GET / HT", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
            ] {
                _ = try await blocking {
                    let socket = try RawSocket(port: port)
                    try socket.send(raw)
                }
            }
            await server.awaitConnections(atMost: 0)
            #expect(try await ask(port, "GET", "/").status == 200)
        }
    }

    @Test func `a silent link is dropped after its time`() async throws {
        try await withServer {
            $0.limits.stallSeconds = 1
        } _: { port, _ in
            let rest = try await blocking {
                let socket = try RawSocket(port: port)
                try socket.send("GET / HTTP/1.1\r\nHo")
                return try socket.readToEnd()
            }
            #expect(!String(decoding: rest, as: UTF8.self).contains("200 OK"))
        }
    }
}
