import Foundation
import JSONText
import Testing
import WebServer

@testable import RunAPI

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The same routes through a real socket.
@Suite struct RunAPITests {
    @Test func `a person signs in, makes a session and starts it over HTTP`() async throws {
        let bench = try await Bench()
        var configuration = WebServer.Configuration()
        configuration.port = 0
        configuration.webSockets = [RunAPI.pushPath: RunAPI.subprotocol]
        let server = WebServer(configuration: configuration, application: bench.api)
        let base = try await server.start().url
        let session = URLSession(configuration: .ephemeral)
        var cookie: String?
        func ask(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> (Int, JSONValue) {
            var request = URLRequest(url: try #require(URL(string: base + path)))
            request.httpMethod = method
            request.httpBody = body.map { Data(JSONText.bytes(of: $0)) }
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            request.setValue(String(base.dropLast()), forHTTPHeaderField: "Origin")
            request.httpShouldHandleCookies = false
            request.setValue(cookie, forHTTPHeaderField: "Cookie")
            let (data, response) = try await session.data(for: request)
            let answer = try #require(response as? HTTPURLResponse)
            if let set = answer.value(forHTTPHeaderField: "Set-Cookie") { cookie = String(set.prefix { $0 != ";" }) }
            return (answer.statusCode, data.isEmpty ? .null : try JSONText.parse(Array(data)))
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
        session.invalidateAndCancel()
        await server.stop()
    }
}
