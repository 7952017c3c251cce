import Testing

@testable import WebServer

@Suite struct DescriptorLimitTests {
    @Test(arguments: [
        (1024, 524_288, 65_536), (1024, 20_000, 20_000), (1024, 1024, 1024), (1024, Int.max, 65_536), (100_000, 524_288, 100_000),
    ]) func `the limit is raised as far as it may be, within bounds, and never lowered`(soft: Int, hard: Int, raised: Int) {
        #expect(DescriptorLimit(soft: soft, hard: hard).raised == DescriptorLimit(soft: raised, hard: hard))
    }

    @Test(arguments: [(1024, 768), (320, 64), (319, nil), (256, nil), (64, nil)] as [(Int, Int?)])
    func `the rest of the program keeps what it needs, and too little for links is none`(soft: Int, links: Int?) {
        #expect(DescriptorLimit(soft: soft, hard: soft).links == links)
    }

    @Test func `this process has a limit`() {
        let limit = DescriptorLimit.current
        #expect(limit.soft > 0 && limit.hard >= limit.soft)
    }

    @Test func `links whose bodies never end are never more than are allowed, and keep nobody out`() async throws {
        try await withServer {
            ($0.limits.connections, $0.limits.connectionsPerAddress) = (20, 1000)
        } _: { port, server in
            let silent = try await blocking {
                try (0..<200).map { _ in
                    let socket = try RawSocket(port: port)
                    // It may have made room for another already.
                    try? socket.send("POST /?as=nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\n{")
                    return socket
                }
            }
            for _ in 0..<3 { #expect(try await ask(port, "GET", "/").status == 200) }
            #expect(await server.connectionCount <= 20 + WebServer.mostOnTheirWayOut)
            withExtendedLifetime(silent) {}
        }
    }

    @Test func `what is told once a minute says how often it was`() {
        var tally = MinuteTally()
        let start = ContinuousClock.now
        #expect(tally.add(at: start) == 1)
        for second in 1..<60 { #expect(tally.add(at: start + .seconds(second)) == nil) }
        #expect(tally.add(at: start + .seconds(60)) == 60)
        #expect(tally.add(at: start + .seconds(61)) == nil)
    }

    @Test func `a link that the system does not hand out is told from the library's other lines`() {
        #expect(
            RefusedAccept(line: "accept: errno 24")?.words(1)
                == "A new link could not be taken: the system says: Too many open files.")
        #expect(RefusedAccept(line: "accept: errno 23")?.words(7).contains("7 times by now") == true)
        #expect(["accept: errno", "lws_accept: errno 24", ""].allSatisfy { RefusedAccept(line: $0) == nil })
    }
}
