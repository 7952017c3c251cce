import Foundation
import Testing

@testable import WebServer

@Suite struct WebServerWebSocketTests {
    @Test func `a page is admitted with its tag, heard in order, and missed when it leaves`() async throws {
        let application = TestApplication()
        try await withServer(application) {
            $0.limits.messageBurst = 1000
        } _: { port, _ in
            let page = try await blocking { try RawWebSocket(port: port, path: "/push?name=run") }
            #expect(page.handshake.status == 101)
            #expect(page.handshake.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(page.handshake.headers["sec-websocket-protocol"] == "test.v1")
            #expect(page.handshake.headers["sec-websocket-extensions"] == nil)
            let client = try #require(await application.awaitClients(1).first)
            #expect(client.tag as? String == "run")
            #expect(client.remoteAddress == "127.0.0.1")
            let texts = (0..<300).map { "message \($0)" }
            try await blocking { for text in texts { try page.send(text) } }
            var heard: [String] = []
            for await case .text(let text) in application.news {
                heard.append(text)
                if heard.count == texts.count { break }
            }
            #expect(heard == texts)
            try await blocking { try page.send(.close, [3, 232]) }
            for await news in application.news {
                #expect(news == .disconnected(client.id))
                break
            }
        }
    }

    @Test(arguments: [
        ["Origin": "http://test"], ["Origin": "http://test", "Cookie": "gridpilot=1"], ["Authorization": "Bearer t"],
        ["Authorization": "Bearer t", "Cookie": "gridpilot=1"],
    ])
    func `a page of ours is admitted, and a program with a token that names no page`(headers: [String: String]) async throws {
        try await withServer { port, _ in
            let page = try await blocking { try RawWebSocket(port: port, headers: headers) }
            #expect(page.handshake.status == 101)
        }
    }

    @Test func `the application can refuse a page`() async throws {
        try await withServer { port, _ in
            let page = try await blocking { try RawWebSocket(port: port, headers: ["Authorization": "refuse"]) }
            #expect(page.handshake.status == 401)
            #expect(page.handshake.headers["content-security-policy"] != nil)
        }
    }

    @Test func `a page can be opened on a link that carried requests`() async throws {
        let application = TestApplication()
        try await withServer(application) { port, _ in
            let page = try await blocking {
                let socket = try RawSocket(port: port)
                _ = try socket.ask("POST", "/", body: "x")
                return try RawWebSocket(socket, path: "/push", subprotocol: "test.v1")
            }
            let client = await application.awaitClients(1)[0]
            client.send(Frame("hello"))
            #expect(try await blocking { try page.readMessage() }.text == "hello")
        }
    }

    @Test func `frames arrive in the order they were sent, small and large`() async throws {
        let application = TestApplication()
        try await withServer(application) {
            $0.limits.outboxBytes = 64 << 20
        } _: { port, _ in
            let page = try await blocking { try RawWebSocket(port: port) }
            let client = await application.awaitClients(1)[0]
            let texts = (0..<400).map { "\($0) " + String(repeating: "é", count: $0 % 40 == 0 ? 100_000 : $0) }
            for text in texts { client.send(Frame(text)) }
            client.send(Frame(""))
            let arrived = try await blocking { try (0...400).map { _ in try page.readMessage() } }
            #expect(arrived.map(\.text) == texts + [""])
            #expect(arrived.allSatisfy { $0.kind == .text })
        }
    }

    @Test func `one frame to fifty pages reaches each of them`() async throws {
        let application = TestApplication()
        try await withServer(application) { port, server in
            let pages = try await blocking { try (0..<50).map { _ in try RawWebSocket(port: port) } }
            let clients = await application.awaitClients(50)
            for number in 0..<20 { server.send(Frame("event \(number)"), to: clients.map(\.id)) }
            let arrived = try await blocking { try pages.map { page in try (0..<20).map { _ in try page.readMessage().text } } }
            #expect(arrived == Array(repeating: (0..<20).map { "event \($0)" }, count: 50))
        }
    }

    @Test func `a page that falls too far behind is closed with 1013 and the others go on`() async throws {
        let application = TestApplication()
        try await withServer(application) {
            $0.limits.outboxFrames = 100
        } _: { port, _ in
            let slow = try await blocking {
                let socket = try RawSocket(port: port)
                socket.narrow()
                return try RawWebSocket(socket, path: "/push", subprotocol: "test.v1")
            }
            let quick = try await blocking { try RawWebSocket(port: port) }
            let clients = await application.awaitClients(2)
            let frame = Frame(String(repeating: "x", count: 30_000))
            for _ in 0..<400 { clients[0].send(frame) }
            clients[1].send(Frame("still here"))
            #expect(try await blocking { try quick.readMessage() }.text == "still here")
            #expect(try await blocking { try slow.readClose() } == 1013)
        }
    }

    @Test func `a page that takes nothing at all is dropped`() async throws {
        let application = TestApplication()
        try await withServer(application) {
            $0.limits.outboxFrames = 100
            $0.limits.stallSeconds = 1
        } _: { port, server in
            let page = try await blocking {
                let socket = try RawSocket(port: port)
                socket.narrow()
                return try RawWebSocket(socket, path: "/push", subprotocol: "test.v1")
            }
            let client = await application.awaitClients(1)[0]
            let frame = Frame(String(repeating: "x", count: 30_000))
            for _ in 0..<400 { client.send(frame) }
            for await news in application.news {
                #expect(news == .disconnected(client.id))
                break
            }
            await server.awaitConnections(atMost: 0)
            withExtendedLifetime(page) {}
        }
    }

    @Test func `of the readings that wait only the latest arrives, after the events`() async throws {
        let application = TestApplication()
        try await withServer(application) {
            $0.limits.outboxBytes = 64 << 20
        } _: { port, _ in
            let page = try await blocking {
                let socket = try RawSocket(port: port)
                socket.narrow()
                return try RawWebSocket(socket, path: "/push", subprotocol: "test.v1")
            }
            let client = await application.awaitClients(1)[0]
            // More than the system holds for a reader that is slow, so that what follows waits here.
            for _ in 0..<20 { client.send(Frame(String(repeating: "x", count: 1 << 20))) }
            for number in 0..<50 { client.send(reading: Frame("disk \(number)"), key: "disk") }
            client.send(Frame("event"))
            let arrived = try await blocking { try (0..<22).map { _ in try page.readMessage() } }
            #expect(arrived.suffix(2).map(\.text) == ["event", "disk 49"])
        }
    }

    @Test func `a client is closed after what was sent before`() async throws {
        let application = TestApplication()
        try await withServer(application) { port, _ in
            let page = try await blocking { try RawWebSocket(port: port) }
            let client = await application.awaitClients(1)[0]
            client.send(Frame("last words"))
            client.close(code: 4001, reason: String(repeating: "ü", count: 100))
            client.send(Frame("too late"))
            let (words, end) = try await blocking { (try page.readMessage(), try page.readMessage()) }
            #expect(words.text == "last words")
            #expect(end.code == 4001)
            #expect(String(validating: end.payload.dropFirst(2), as: UTF8.self)?.count == 61)
        }
    }

    @Test func `a message beyond the limit closes with 1009, in one frame or in many`() async throws {
        try await withServer { port, _ in
            let large = [UInt8](repeating: 120, count: 40_000)
            let whole = try await blocking {
                let page = try RawWebSocket(port: port)
                try page.send(.text, large + large)
                return try page.readClose()
            }
            let parts = try await blocking {
                let page = try RawWebSocket(port: port)
                try page.send(.text, large, isLast: false)
                try page.send(.continuation, large, isLast: true)
                return try page.readClose()
            }
            #expect(whole == 1009 && parts == 1009)
        }
    }

    @Test(arguments: [1 << 32, 70_000, 65_537])
    func `a frame that announces too much is closed with 1009 before it has come`(announced: Int) async throws {
        try await withServer { port, _ in
            let code = try await blocking {
                let page = try RawWebSocket(port: port)
                let head: [UInt8] =
                    [0x81, 0x80 | 127] + stride(from: 56, through: 0, by: -8).map { UInt8(announced >> $0 & 255) }
                try page.socket.send(head + [0, 0, 0, 0] + [UInt8](repeating: 120, count: 200))
                return try page.readClose()
            }
            #expect(code == 1009)
        }
    }

    @Test(arguments: [([3], 1002), ([3, 232], 1000)] as [([UInt8], Int)])
    func `a close with half a code is answered with 1002`(payload: [UInt8], answer: Int) async throws {
        try await withServer { port, _ in
            let code = try await blocking {
                let page = try RawWebSocket(port: port)
                try page.send(.close, payload)
                return try page.readClose()
            }
            #expect(code == answer)
        }
    }

    @Test func `a binary message closes with 1003`() async throws {
        try await withServer { port, _ in
            let code = try await blocking {
                let page = try RawWebSocket(port: port)
                try page.send(.binary, [1, 2, 3])
                return try page.readClose()
            }
            #expect(code == 1003)
        }
    }

    @Test func `a silent page is pinged, and dropped when it does not answer`() async throws {
        let application = TestApplication()
        try await withServer(application) {
            $0.limits.pingSeconds = 1
            $0.limits.hangUpSeconds = 2
        } _: { port, _ in
            let page = try await blocking { try RawWebSocket(port: port) }
            let ping = try await blocking { try page.readFrame() }
            #expect(ping.kind == .ping)
            let client = await application.awaitClients(1)[0]
            for await news in application.news {
                #expect(news == .disconnected(client.id))
                break
            }
        }
    }

    /// The silent page is dropped halfway between two pings of the other, so that only the news of it can end the server's sleep.
    @Test func `a page that is dropped keeps the news of it from nobody`() async throws {
        let application = TestApplication()
        try await withServer(application) {
            $0.limits.pingSeconds = 6
            $0.limits.hangUpSeconds = 9
        } _: { port, server in
            let silent = try await blocking { try RawWebSocket(port: port) }
            let alive = try await blocking { try RawWebSocket(port: port) }
            let clients = await application.awaitClients(2)
            async let arrival = blocking {
                _ = try alive.framesWhileAnswering(until: "one has gone")
                return ContinuousClock.now
            }
            var sent = ContinuousClock.now
            for await case .disconnected(clients[0].id) in application.news {
                sent = .now
                server.send(Frame("one has gone"), to: [clients[1].id])
                break
            }
            // The next ping of the living page would end the sleep three seconds later.
            #expect(try await arrival - sent < .seconds(1))
            withExtendedLifetime(silent) {}
        }
    }

    @Test func `handles may be used after their page has gone`() async throws {
        let application = TestApplication()
        try await withServer(application) { port, server in
            let page = try await blocking { try RawWebSocket(port: port) }
            let client = await application.awaitClients(1)[0]
            page.socket.reset()
            await server.awaitConnections(atMost: 0)
            client.send(Frame("nobody"))
            client.send(reading: Frame("nobody"), key: "disk")
            client.close()
            #expect(try await ask(port, "GET", "/").status == 200)
            await server.stop()
            client.send(Frame("nobody"))
            #expect(await server.connectionCount == 0)
        }
    }
}
