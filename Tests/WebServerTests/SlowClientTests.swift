import Foundation
import Synchronization
import Testing

@testable import WebServer

/// Clients that read nothing: what they cost the others in time, and the server in memory, by what is allowed where nobody has said otherwise.
@Suite(.serialized) struct SlowClientTests {
    /// Answers each word with itself, after an event for those who read nothing.
    private final class Answerer: WebApplication {
        let server = Mutex<WebServer?>(nil)
        let told = Mutex(0)
        private let event = Frame(String(repeating: "x", count: 5000))

        func respond(to request: HTTPRequest) async -> HTTPResponse { HTTPResponse() }
        func owner(of request: HTTPRequest) -> String? { request.query["name"] }
        func admit(_ request: HTTPRequest) -> Admission {
            .accept(subprotocol: "test.v1", tag: "", owner: request.query["name"] ?? "")
        }
        func connected(_ client: WebSocketClient) async {}
        func received(_ text: String, from client: WebSocketClient) async {
            let count = await server.withLock(\.self)?.tellSlowOnes { event } ?? 0
            told.withLock { $0 += count }
            client.send(Frame(text))
        }
        func disconnected(_ client: WebSocketClient.ID) async {}
    }

    private static let slowOnes = 20

    private func withAnswerer(
        _ answerer: Answerer = Answerer(), _ body: (Int, WebServer) async throws -> Void
    ) async throws {
        var configuration = WebServer.Configuration()
        configuration.port = 0
        configuration.webSockets = ["/push": "test.v1"]
        configuration.limits.stopSeconds = 0.5
        // The good client of the measurement says more than anybody would.
        // Nor is anybody given up for taking nothing while a busy machine takes long.
        configuration.limits.stallSeconds = 300
        (configuration.limits.pingSeconds, configuration.limits.hangUpSeconds) = (300, 600)
        (configuration.limits.messagesPerSecond, configuration.limits.messageBurst) = (1_000_000, 1_000_000)
        let server = WebServer(configuration: configuration, application: answerer)
        let port = try await server.start().port
        answerer.server.withLock { $0 = server }
        do {
            try await body(port, server)
        } catch {
            answerer.server.withLock { $0 = nil }
            await server.stop()
            throw error
        }
        answerer.server.withLock { $0 = nil }
        await server.stop()
    }

    private func slow(_ port: Int, _ number: Int) throws -> RawWebSocket {
        let socket = try RawSocket(port: port)
        socket.narrow()
        return try RawWebSocket(socket, path: "/push?name=slow\(number)", subprotocol: "test.v1")
    }

    /// With and without them in turn, so that whatever else the machine does weighs on both: the difference of the two 99th percentiles, and
    /// the median of that over the rounds.
    @Test func `twenty clients that read nothing delay a good one by less than 50 ms`() async throws {
        let answerer = Answerer()
        try await withAnswerer(answerer) { port, server in
            let good = try await blocking { try RawWebSocket(port: port, path: "/push?name=good", subprotocol: "test.v1") }
            var differences: [Double] = []
            for _ in 0..<7 {
                var (alone, beside): ([Double], [Double]) = ([], [])
                for _ in 0..<3 {
                    alone += try await waits(good, 50)
                    let slowOnes = try await blocking { try (0..<Self.slowOnes).map { try slow(port, $0) } }
                    await stick(server)
                    beside += try await waits(good, 50)
                    for page in slowOnes { page.socket.reset() }
                    await server.awaitConnections(atMost: 1)
                }
                differences.append(percentile(beside) - percentile(alone))
            }
            let difference = differences.sorted()[differences.count / 2]
            print("A good client waits \(difference * 1000) ms longer beside slow ones: \(differences.map { Int($0 * 1000) })")
            #expect(difference < 0.05)
            // None was closed meanwhile.
            #expect(answerer.told.withLock(\.self) == 7 * 3 * 50 * Self.slowOnes)
        }
    }

    /// Until the system takes no more for any of them and each has a part of what may wait.
    private func stick(_ server: WebServer) async {
        let frame = Frame(String(repeating: "x", count: 100_000))
        var looksInVain = 0
        while looksInVain < 100 {
            looksInVain = await server.tellSlowOnes(below: 300_000) { frame } == 0 ? looksInVain + 1 : 0
        }
    }

    /// Seconds from a word to its answer, each.
    private func waits(_ page: RawWebSocket, _ count: Int) async throws -> [Double] {
        try await blocking {
            try (0..<count).map { number in
                let begun = ContinuousClock.now
                try page.send("\(number)")
                while try page.readMessage().text != "\(number)" {}
                return (ContinuousClock.now - begun) / .seconds(1)
            }
        }
    }

    private func percentile(_ waits: [Double]) -> Double { waits.sorted()[waits.count * 99 / 100] }

    @Test(arguments: [100, 5000, 200_000]) func `for a client that reads nothing no more than 1 MB waits before it is closed`(
        size: Int
    )
        async throws
    {
        try await withAnswerer { port, server in
            let page = try await blocking { try slow(port, 0) }
            let frame = Frame(String(repeating: "x", count: size))
            var (most, frames) = (0, 0)
            // What the system keeps of it is not the server's; a hundred megabytes are more than it would ever.
            while await server.tellSlowOnes({ frame }) > 0, frames < 100_000_000 / size {
                most = max(most, await server.queuedBytes)
                frames += 1
            }
            print("\(most) bytes waited, of \(frames) frames of \(size)")
            #expect(most <= 1 << 20)
            #expect(frames < 100_000_000 / size, "it is closed in the end")
            #expect(await server.queuedBytes <= size, "and nothing is kept for it but what is on its way")
            withExtendedLifetime(page) {}
        }
    }

    /// The process's own memory, which is what the machine lacks in the end: measured in a process where nothing else runs.
    @Test func `two hundred clients that read nothing take less than 1 MB each of the process`() async {
        await #expect(processExitsWith: .success) { try await SlowClientTests().measureTwoHundredSlowClients() }
    }

    private func measureTwoHundredSlowClients() async throws {
        try await withAnswerer { port, server in
            let pages = try await blocking { try (0..<200).map { try slow(port, $0) } }
            let before = try residentBytes()
            var (most, mostQueued) = (0, 0)
            // To just below what all may take, which is where the first are cut off.
            while await server.queuedBytes < 60 << 20, await server.connectionCount == pages.count {
                // Each gets its own, as where each may see something else.
                _ = await server.tellSlowOnes { Frame(String(repeating: "x", count: 20_000)) }
                (most, mostQueued) = (max(most, try residentBytes()), max(mostQueued, await server.queuedBytes))
            }
            print("\((most - before) / pages.count) bytes each, of which \(mostQueued / pages.count) wait")
            #expect(mostQueued > 200_000 * pages.count)
            #expect((most - before) / pages.count < 1 << 20)
            withExtendedLifetime(pages) {}
        }
    }

    private func residentBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }) * 1024
    }
}

extension WebServer {
    /// How many of those who read nothing it was put into the queue of.
    fileprivate func tellSlowOnes(below most: Int = .max, _ frame: @Sendable () -> Frame) -> Int {
        let slow = connections.values.filter {
            $0.peer?.owner?.hasPrefix("slow") == true && $0.peer?.closing == nil && $0.peer?.waitingBytes ?? 0 < most
        }
        for connection in slow { enqueue(frame(), to: connection.id) }
        return slow.count
    }
}
