import Dispatch
import Glibc
import JSONText
import Testing
import WebServer

@testable import RunAPI

/// The same routes through a real socket.
@Suite struct RunAPITests {
    @Test func `a person signs in, makes a session and starts it over HTTP`() async throws {
        let bench = try await Bench()
        var configuration = WebServer.Configuration()
        configuration.port = 0
        configuration.webSockets = [RunAPI.pushPath: RunAPI.subprotocol]
        let server = WebServer(configuration: configuration, application: bench.api)
        let address = try await server.start()
        var cookie = ""
        func ask(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> (Int, JSONValue) {
            let text = body.map(JSONText.write) ?? ""
            let head = [
                "\(method) /\(path) HTTP/1.1", "Host: 127.0.0.1:\(address.port)", "Origin: http://127.0.0.1:\(address.port)",
                "Cookie: \(cookie)", "Content-Type: application/json", "Content-Length: \(text.utf8.count)", "Connection: close",
            ]
            let answer = try await Self.exchange(head.joined(separator: "\r\n") + "\r\n\r\n" + text, port: address.port)
            let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            let lines = parts[0].split(separator: "\r\n")
            if let set = lines.first(where: { $0.lowercased().hasPrefix("set-cookie: ") }) {
                cookie = String(set.dropFirst(12).prefix { $0 != ";" })
            }
            let status = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
            return (status, parts.count < 2 || parts[1].isEmpty ? .null : try JSONText.parse(String(parts[1])))
        }
        #expect(try await ask("GET", "api/me").0 == 401)
        #expect(try await ask("POST", "api/login", ["username": "member", "password": "password of member"]).0 == 200)
        #expect(try await ask("GET", "api/me").1["username"] == "member")
        let (status, made) = try await ask("POST", "api/sessions", Bench.sessionBody())
        #expect(status == 201)
        let id = try #require(made["id"]?.text)
        #expect(try await ask("POST", "api/sessions/\(id)/start").0 == 202)
        #expect(try await ask("POST", "api/sessions/\(id)/start").1["code"] == "session.running")
        #expect(try await ask("POST", "api/sessions/\(id)/force-kill").1["code"] == "permission.denied")
        #expect(try await ask("DELETE", "api/sessions/\(id)").0 == 405)
        await server.stop()
    }

    @Test func `only who is signed in gets the live link`() async throws {
        let bench = try await Bench()
        var configuration = WebServer.Configuration()
        configuration.port = 0
        configuration.webSockets = [RunAPI.pushPath: RunAPI.subprotocol]
        let server = WebServer(configuration: configuration, application: bench.api)
        let port = try await server.start().port
        func status(_ token: String?) async throws -> Substring? {
            let head = [
                "GET \(RunAPI.pushPath) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Origin: http://127.0.0.1:\(port)",
                "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: \(RunAPI.subprotocol)",
            ]
            let lines = head + (token.map { ["Cookie: gridpilot=\($0)"] } ?? []) + ["", ""]
            return try await Self.exchange(lines.joined(separator: "\r\n"), port: port).split(separator: " ").dropFirst().first
        }
        let token = try await bench.accounts.signIn(
            username: "member", password: "password of member", address: "127.0.0.1"
        ).token
        #expect(try await status(token) == "101")
        #expect(try await status(nil) == "401")
        #expect(try await status("another") == "401")
        try await bench.accounts.signOut(token: token, from: "127.0.0.1")
        #expect(try await status(token) == "401")
        await server.stop()
    }

    /// Sends one request and reads until the server closes or changes to a WebSocket, on a thread that may block.
    private static func exchange(_ request: String, port: Int) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "exchange").async {
                continuation.resume(with: Result { try exchangeNow(request, port: port) })
            }
        }
    }

    private static func exchangeNow(_ request: String, port: Int) throws -> String {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let bytes = Array(request.utf8)
        guard isConnected, send(socket, bytes, bytes.count, 0) == bytes.count else { throw Unexpected(answer: "no link") }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !answer.starts(with: "HTTP/1.1 101 ".utf8), case let count = recv(socket, &chunk, chunk.count, 0), count > 0 {
            answer += chunk.prefix(count)
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
