import Synchronization
import Testing

@testable import WebServer

@Suite struct MemoryTests {
    /// Whatever is said to it is answered with a snapshot of the same topic.
    private final class Teller: WebApplication {
        static let size = 100_000
        let heard = Mutex(0)

        func respond(to request: HTTPRequest) async -> HTTPResponse { HTTPResponse() }
        func owner(of request: HTTPRequest) -> String? { request.query["name"] }
        func admit(_ request: HTTPRequest) -> Admission {
            .accept(subprotocol: "test.v1", tag: "", owner: request.query["name"] ?? "")
        }
        func connected(_ client: WebSocketClient) async {}
        func received(_ text: String, from client: WebSocketClient) async {
            heard.withLock { $0 += 1 }
            client.send(Frame(snapshot: [UInt8](repeating: 120, count: Self.size), of: text))
        }
        func disconnected(_ client: WebSocketClient.ID) async {}
    }

    private func withTeller(
        _ change: (inout WebServer.Limits) -> Void = { _ in }, _ body: (Int, WebServer) async throws -> Void
    ) async throws {
        var configuration = WebServer.Configuration()
        configuration.port = 0
        configuration.webSockets = ["/push": "test.v1"]
        configuration.limits.stopSeconds = 0.5
        configuration.limits.webSocketsPerOwner = 1000
        change(&configuration.limits)
        let server = WebServer(configuration: configuration, application: Teller())
        let port = try await server.start().port
        do {
            try await body(port, server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// A client that asks and never reads.
    private func deaf(_ port: Int, topics: [String]) throws -> RawWebSocket {
        let socket = try RawSocket(port: port)
        socket.narrow()
        let page = try RawWebSocket(socket, path: "/push?name=deaf", subprotocol: "test.v1")
        for topic in topics {
            // It may have been cut off meanwhile.
            try? page.send(topic)
        }
        return page
    }

    @Test func `two hundred clients that ask and never read take no more than all may, and a good one waits for none of them`()
        async throws
    {
        try await withTeller {
            $0.outboxSum = 8 << 20
        } _: { port, server in
            let deafs = try await blocking {
                try (0..<200).map { _ in try deaf(port, topics: (0..<60).map { "topic \($0 % 12)" }) }
            }
            let answer = try await blocking {
                let page = try RawWebSocket(port: port)
                try page.send("mine")
                return try page.readMessage()
            }
            #expect(answer.payload.count == Teller.size)
            await server.awaitConnections(atMost: 120)
            #expect(await server.queuedBytes <= 8 << 20)
            withExtendedLifetime(deafs) {}
        }
    }

    @Test func `whoever has most waiting on all links together goes first, and not the page with one large snapshot`()
        async throws
    {
        try await withTeller {
            $0.outboxSum = 4 << 20
        } _: { port, server in
            let pages = try await blocking {
                try (["slow"] + [String](repeating: "many", count: 10)).map { name in
                    try RawWebSocket(RawSocket(port: port), path: "/push?name=\(name)", subprotocol: "test.v1")
                }
            }
            let cut = await server.cutOff(afterFilling: ["slow": 10, "many": 6])
            #expect(cut["slow"] == nil)
            #expect(cut["many", default: 0] > 3)
            withExtendedLifetime(pages) {}
        }
    }

    @Test func `one who asks for one topic a hundred times has it waiting once`() async throws {
        try await withTeller { port, server in
            let page = try await blocking { try deaf(port, topics: (0..<100).map { _ in "topic" }) }
            let quick = try await blocking { try RawWebSocket(port: port) }
            // What the first one said was heard before this is answered, since it was there earlier.
            try await blocking {
                for _ in 0..<20 {
                    try quick.send("mine")
                    _ = try quick.readMessage()
                }
            }
            #expect(await server.queuedBytes <= 2 * Teller.size)
            #expect(await server.connectionCount == 2)
            withExtendedLifetime(page) {}
        }
    }

    @Test func `when the clients have gone nothing is counted for them`() async throws {
        try await withTeller { port, server in
            let pages = try await blocking { try (0..<10).map { _ in try deaf(port, topics: (0..<10).map { "topic \($0)" }) } }
            for page in pages { page.socket.reset() }
            await server.awaitConnections(atMost: 0)
            #expect(await server.queuedBytes == 0)
        }
    }

    @Test func `who says too much at once is closed with 1008`() async throws {
        try await withServer {
            ($0.limits.messageBurst, $0.limits.messagesPerSecond) = (20, 1)
        } _: { port, _ in
            let code = try await blocking {
                let page = try RawWebSocket(port: port)
                for _ in 0..<21 { try page.send("again") }
                return try page.readClose()
            }
            #expect(code == 1008)
        }
    }

    @Test func `one person has so many pages and no more, and another one still has theirs`() async throws {
        try await withServer {
            $0.limits.webSocketsPerOwner = 3
        } _: { port, server in
            let pages = try await blocking { try (0..<4).map { _ in try RawWebSocket(port: port, path: "/push?owner=one") } }
            let other = try await blocking { try RawWebSocket(port: port, path: "/push?owner=two") }
            #expect(pages.map(\.handshake.status) == [101, 101, 101, 429])
            #expect(pages[3].handshake.text.contains("You have 3 pages open"))
            #expect(other.handshake.status == 101)
            pages[0].socket.reset()
            await server.awaitConnections(atMost: 3)
            let again = try await blocking { try RawWebSocket(port: port, path: "/push?owner=one") }
            #expect(again.handshake.status == 101)
            withExtendedLifetime(pages) {}
        }
    }

    @Test func `what is allowed comes back with time, up to what is allowed at once`() {
        var allowance = Allowance(perSecond: 10, atOnce: 3)
        let start = ContinuousClock.now
        let first = (0..<4).map { _ in allowance.take(at: start) }
        let later = (0..<2).map { _ in allowance.take(at: start + .milliseconds(100)) }
        let muchLater = (0..<4).map { _ in allowance.take(at: start + .seconds(60)) }
        #expect(first == [true, true, true, false])
        #expect(later == [true, false])
        #expect(muchLater == [true, true, true, false])
    }
}

extension WebServer {
    /// How many links of each person were cut off, when so many frames of 100 kB come for each of theirs before any can be written.
    fileprivate func cutOff(afterFilling frames: [String: Int]) -> [String: Int] {
        for (owner, count) in frames.sorted(by: { $0.key > $1.key }) {
            for connection in connections.values where connection.peer?.owner == owner {
                for topic in 0..<count {
                    enqueue(Frame(snapshot: [UInt8](repeating: 120, count: 100_000), of: "topic \(topic)"), to: connection.id)
                }
            }
        }
        let owners = connections.values.compactMap { $0.peer?.closing == nil ? nil : $0.peer?.owner }
        return Dictionary(grouping: owners) { $0 }.mapValues(\.count)
    }
}
