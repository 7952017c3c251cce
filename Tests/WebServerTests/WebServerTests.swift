import Foundation
import Testing

@testable import WebServer

@Suite struct WebServerTests {
    @Test func `a port that is taken is named in a sentence`() async throws {
        try await withServer { port, _ in
            var configuration = WebServer.Configuration()
            configuration.port = port
            let second = WebServer(configuration: configuration, application: TestApplication())
            let problem = await #expect(throws: WebServerProblem.self) { try await second.start() }
            #expect(
                problem?.sentence
                    == "The web server cannot listen on 127.0.0.1:\(port). The system says: Address already in use.")
        }
    }

    @Test(arguments: ["0.0.0.0", "192.0.2.1", "::"])
    func `the debug echo is refused where others can reach it`(host: String) async {
        var configuration = WebServer.Configuration()
        (configuration.host, configuration.port, configuration.debugEcho) = (host, 0, true)
        let server = WebServer(configuration: configuration, application: TestApplication())
        await #expect(throws: WebServerProblem.echoNeedsLoopback(host: host)) { try await server.start() }
    }

    @Test func `a certificate that is not there is named`() async {
        var configuration = WebServer.Configuration()
        configuration.certificate = .init(certificateFile: "/none/cert.pem", keyFile: "/none/key.pem")
        let server = WebServer(configuration: configuration, application: TestApplication())
        await #expect(throws: WebServerProblem.cannotRead(file: "/none/cert.pem")) { try await server.start() }
    }

    @Test func `a server can be stopped and started again, and stopping twice is harmless`() async throws {
        var configuration = WebServer.Configuration()
        configuration.port = 0
        let server = WebServer(configuration: configuration, application: TestApplication())
        await server.stop()
        for _ in 0..<5 {
            let port = try await server.start().port
            await #expect(throws: WebServerProblem.alreadyRunning) { try await server.start() }
            #expect(try await ask(port, "GET", "/").status == 200)
            await server.stop()
            await server.stop()
            await #expect(throws: (any Error).self) { try await ask(port, "GET", "/") }
        }
    }

    @Test func `the network thread carries out a call before, while and after it listens, and says what it was at`() async throws
    {
        var configuration = WebServer.Configuration()
        configuration.port = 0
        let server = WebServer(configuration: configuration, application: TestApplication())
        func isAnswered() async { await withCheckedContinuation { answer in server.perform { answer.resume() } } }
        await isAnswered()
        let port = try await server.start().port
        await isAnswered()
        #expect(try await ask(port, "GET", "/").status == 200)
        #expect(server.activity.lastBegun?.contains("callback") == true)
        await server.stop()
        await isAnswered()
    }

    @Test func `a stopping server closes pages with 1001 and idle links at once`() async throws {
        let application = TestApplication()
        try await withServer(application) { port, server in
            let page = try await blocking { try RawWebSocket(port: port) }
            let idle = try await blocking {
                let socket = try RawSocket(port: port)
                _ = try socket.ask("GET", "/")
                return socket
            }
            _ = await application.awaitClients(1)
            async let closing = blocking { try page.readClose() }
            async let ending = blocking { try idle.readToEnd() }
            await server.stop()
            #expect(try await closing == 1001)
            #expect(try await ending.isEmpty)
        }
    }

    @Test func `a stopping server lets a request end`() async throws {
        let (began, begin) = AsyncStream<Void>.makeStream()
        let (gate, open) = AsyncStream<Void>.makeStream()
        let application = TestApplication { _ in
            begin.yield()
            for await _ in gate { break }
            return HTTPResponse(body: .bytes(Array("done".utf8)))
        }
        try await withServer(application) {
            $0.limits.stopSeconds = 20
        } _: { port, server in
            async let answer = ask(port, "GET", "/")
            for await _ in began { break }
            async let stopped: Void = server.stop()
            open.yield()
            let text = try await answer.text
            await stopped
            #expect(text == "done")
        }
    }

    @Test func `links beyond the limit are not taken when none can be spared`() async throws {
        try await withServer {
            $0.limits.connections = 3
        } _: { port, server in
            let held = try await blocking { try (0..<3).map { _ in try RawWebSocket(port: port).socket } }
            await #expect(throws: (any Error).self) { try await ask(port, "GET", "/") }
            held[0].reset()
            await server.awaitConnections(atMost: 2)
            #expect(try await ask(port, "GET", "/").status == 200)
        }
    }

    @Test func `links beyond the limit of one address are not taken when none can be spared`() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (began, begin) = AsyncStream<Void>.makeStream()
        let application = TestApplication { _ in
            begin.yield()
            for await _ in gate { break }
            return HTTPResponse()
        }
        try await withServer(application) {
            $0.limits.connectionsPerAddress = 2
        } _: { port, server in
            let held = try await blocking { try (0..<2).map { _ in try RawSocket(port: port) } }
            for socket in held { try await blocking { try socket.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") } }
            for _ in held { for await _ in began { break } }
            await #expect(throws: (any Error).self) { try await ask(port, "GET", "/") }
            #expect(await server.connectionCount == 2)
            open.finish()
        }
    }

    @Test func `five hundred pages that come and go leave nothing behind`() async throws {
        let application = TestApplication()
        try await withServer(application) { port, server in
            for round in 0..<500 {
                try await blocking {
                    let page = try RawWebSocket(port: port)
                    if round % 3 == 0 { try page.send(.close, [3, 232]) }
                    if round % 3 == 1 { page.socket.reset() }
                }
            }
            await server.awaitConnections(atMost: 0)
            var open = 0
            var ended = 0
            for await news in application.news {
                if case .connected = news { open += 1 }
                if case .disconnected = news { ended += 1 }
                if ended == 500 { break }
            }
            #expect(open == 500)
        }
    }
}
