import ArgumentParser
import Glibc

/// Many pages on one thread: each subscribed to one topic, read as their bytes come.
final class PageSet {
    private var descriptors: [Int32] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)

    /// Returns when each has its snapshot.
    init(port: Int, token: String, count: Int, topic: String) throws {
        let subscription = Array("{\"op\":\"subscribe\",\"topic\":\"\(topic)\"}".utf8)
        for _ in 0..<count {
            let page = try PlainLink.connect(port)
            descriptors.append(page)
            let request = [
                "GET /push HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: gridpilot.v1",
                "Authorization: Bearer \(token)",
            ]
            try PlainLink.send(Array((request.joined(separator: "\r\n") + "\r\n\r\n").utf8), to: page)
            _ = try waitFor(text: "\r\n\r\n", on: [page])
            // Masked with zeros: allowed, and the payload stays as it is.
            try PlainLink.send([0x81, 0x80 | UInt8(subscription.count), 0, 0, 0, 0] + subscription, to: page)
            _ = try waitFor(text: "\"snapshot\"", on: [page])
        }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    /// When the text had come to each page.
    func waitForAll(text: String) throws -> [ContinuousClock.Instant] { try waitFor(text: text, on: descriptors) }

    private func waitFor(text: String, on pages: [Int32]) throws -> [ContinuousClock.Instant] {
        let wanted = Array(text.utf8)
        var open = pages.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var tails = [Int32: [UInt8]]()
        var arrivals: [ContinuousClock.Instant] = []
        while !open.isEmpty {
            guard poll(&open, nfds_t(open.count), 20_000) > 0 else { throw ValidationError("The server fell silent.") }
            for page in open where page.revents != 0 {
                let count = recv(page.fd, &buffer, buffer.count, 0)
                guard count > 0 else { throw ValidationError("The server closed a page.") }
                let text = tails[page.fd, default: []] + buffer[..<count]
                if text.contains(wanted) {
                    arrivals.append(.now)
                    open.removeAll { $0.fd == page.fd }
                } else {
                    tails[page.fd] = text.suffix(wanted.count)
                }
            }
        }
        return arrivals
    }
}

/// TCP to this machine, in blocking calls.
enum PlainLink {
    static func connect(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard descriptor >= 0, isConnected else { throw ValidationError("No page could be opened.") }
        return descriptor
    }

    static func send(_ bytes: [UInt8], to descriptor: Int32) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw ValidationError("The server does not listen.")
        }
    }

    /// One exchange on a link that the server closes at its end.
    static func ask(port: Int, _ request: String) throws -> (head: [String], body: [UInt8]) {
        let descriptor = try connect(port)
        defer { close(descriptor) }
        try send(Array(request.utf8), to: descriptor)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { throw ValidationError("The server did not answer.") }
        let head = String(decoding: answer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n").map(String.init)
        return (head, Array(answer[end.upperBound...]))
    }
}
