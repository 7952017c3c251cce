import Testing
import WebServer

/// What the Autobahn suite asks of a server, in its sections 1 to 7 and 9, numbered as there. The suite itself runs on Python 2 alone. Sections 8 and 10 to 13
/// hold nothing that this server does: it leaves compression off.
@Suite(.serialized) struct ConformanceTests {
    enum Section: String, Sendable, CaseIterable {
        case framing, pings, reservedBits, opcodes, fragments, validText, invalidText, closing, sizes

        var cases: [ConformanceCase] {
            switch self {
            case .framing: ConformanceCases.framing
            case .pings: ConformanceCases.pings
            case .reservedBits: ConformanceCases.reservedBits
            case .opcodes: ConformanceCases.opcodes
            case .fragments: ConformanceCases.fragments
            case .validText: ConformanceCases.validText
            case .invalidText: ConformanceCases.invalidText
            case .closing: ConformanceCases.closing
            case .sizes: ConformanceCases.sizes
            }
        }
    }

    @Test(arguments: Section.allCases) func `a client that keeps or breaks the protocol is answered as RFC 6455 says`(
        section: Section
    )
        async throws
    {
        try await withServer {
            $0.debugEcho = true
        } _: { port, _ in
            let cases = section.cases
            #expect(!cases.isEmpty)
            let problems = try await blocking { try cases.flatMap { try $0.problems(port: port) } }
            #expect(problems == [], "\(problems.count) of \(cases.count) cases")
        }
    }

    @Test func `there are as many cases as the sections of the suite have`() {
        // 301 with the sections that are left out here, which hold 62 of them at the most.
        #expect(Section.allCases.reduce(0) { $0 + $1.cases.count } >= 300)
    }

    /// 9.7 and 9.8.
    @Test(arguments: [0, 16, 64, 256, 1024, 4096, 16_384, 65_536]) func `a thousand messages come back one after the other`(
        size: Int
    )
        async throws
    {
        try await withServer {
            $0.debugEcho = true
        } _: { port, _ in
            let wrong = try await blocking {
                let page = try RawWebSocket(port: port, path: "/debug/echo", subprotocol: nil)
                let payload = [UInt8](repeating: 0x2A, count: size)
                return try (0..<1000).first { number in
                    let kind: RawWebSocket.Kind = number.isMultiple(of: 2) ? .text : .binary
                    try page.send(kind, payload)
                    var back = try page.readMessage()
                    // The server's own, when it takes long.
                    while back.kind == .ping { back = try page.readMessage() }
                    return back != .init(kind: kind, payload: payload)
                }
            }
            #expect(wrong == nil)
        }
    }

    /// 2.10 and 2.11, the one place where libwebsockets does less than the suite asks: while the answer to a ping waits to be sent it answers
    /// no other. Whoever pings to know that the server lives is answered; a page's browser sends none.
    @Test(arguments: [nil, 1]) func `of ten pings in one burst the first is answered, and no answer is to anything else`(
        chop: Int?
    )
        async throws
    {
        try await withServer {
            $0.debugEcho = true
        } _: { port, _ in
            let answered = try await blocking {
                let socket = try RawSocket(port: port)
                socket.sendAtOnce()
                let page = try RawWebSocket(socket, path: "/debug/echo", subprotocol: nil)
                let bytes = (0..<10).flatMap { RawWebSocket.bytes(0x89, Array("payload-\($0)".utf8)) }
                for begin in stride(from: 0, to: bytes.count, by: chop ?? bytes.count) {
                    try socket.send(Array(bytes[begin..<min(bytes.count, begin + (chop ?? bytes.count))]))
                }
                try page.send("end")
                var pongs: [String] = []
                while case let frame = try page.readFrame(), frame.kind == .pong { pongs.append(frame.text) }
                // The link is whole.
                try page.send(.ping, Array("later".utf8))
                return try pongs + [page.readFrame().text]
            }
            let sent = (0..<10).map { "payload-\($0)" } + ["later"]
            #expect(answered.first == sent.first && answered.last == sent.last)
            #expect(answered == sent.filter(answered.contains), "in their order, none twice")
        }
    }
}
