import Foundation
import JSONText
import Synchronization

enum LinkProblem: Error, Equatable {
    case closed, silent, notHTTP
    case eventMissing([String])
}

/// A plain TCP link whose calls block; one that is silent for two minutes fails the test.
final class Link: Sendable {
    private let descriptor: Int32
    private let unread = Mutex<[UInt8]>([])

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw LinkProblem.closed }
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }  // not empty here
            guard count > 0 else { throw LinkProblem.closed }
            sent += count
        }
    }

    func read(_ count: Int) throws -> [UInt8] {
        while unread.withLock(\.count) < count { try fill() }
        return take(count)
    }

    /// What comes before the marker, which is taken away with it.
    func read(until marker: String) throws -> String {
        let marker = Array(marker.utf8)
        while true {
            if let end = unread.withLock({ $0.firstRange(of: marker)?.lowerBound }) {
                let found = take(end)
                _ = take(marker.count)
                return String(decoding: found, as: UTF8.self)
            }
            try fill()
        }
    }

    private func fill() throws {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN { throw LinkProblem.silent }
        guard count > 0 else { throw LinkProblem.closed }
        unread.withLock { $0 += buffer[..<count] }
    }

    private func take(_ count: Int) -> [UInt8] {
        unread.withLock { unread in
            defer { unread.removeFirst(count) }
            return Array(unread.prefix(count))
        }
    }
}

struct Answer: Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    /// Null where the body is not JSON.
    var json: JSONValue { (try? JSONText.parse(body)) ?? .null }
    var code: String? { json["code"]?.text }
}

extension Link {
    func readHead() throws -> (status: Int, headers: [String: String]) {
        let lines = try read(until: "\r\n\r\n").components(separatedBy: "\r\n")
        let parts = lines[0].split(separator: " ")
        guard parts.count >= 2, let status = Int(parts[1]) else { throw LinkProblem.notHTTP }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw LinkProblem.notHTTP }
            let name = line[..<colon].lowercased()
            // Of several cookies the first is the sign-in.
            if headers[name] == nil { headers[name] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces) }
        }
        return (status, headers)
    }

    func readAnswer() throws -> Answer {
        let (status, headers) = try readHead()
        return Answer(status: status, headers: headers, body: try read(Int(headers["content-length"] ?? "0") ?? 0))
    }
}

/// Runs blocking work on a thread of its own, so that the tests' tasks keep theirs.
func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
    }
}
