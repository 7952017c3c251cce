import Foundation
import Synchronization

/// A plain TCP link for tests: it sends exactly the bytes it is given, and reads until it has what it wants.
///
/// Its calls block, so they belong into `blocking { … }`; a link that is silent for two minutes fails the test: on a
/// busy machine whoever answers may wait long for its turn.
final class RawSocket: Sendable {
    private let descriptor: Int32
    private let unread = Mutex<[UInt8]>([])

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw RawProblem.closed }
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw RawProblem.closed }
            sent += count
        }
    }

    func read(_ count: Int) throws -> [UInt8] {
        while unread.withLock(\.count) < count {
            guard try fill() else { throw RawProblem.closed }
        }
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
            guard try fill() else { throw RawProblem.closed }
        }
    }

    func readToEnd() throws -> [UInt8] {
        while try fill() {}
        return take(unread.withLock(\.count))
    }

    /// Whether the peer has said something, or has hung up, by then.
    func hasAnswer(within milliseconds: Int32) throws -> Bool {
        var look = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let count = poll(&look, 1, milliseconds)
        guard count >= 0 || errno == EINTR else { throw RawProblem.closed }
        return count > 0
    }

    /// Says that nothing more will be sent.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Breaks the link at once, as a crashed peer does.
    func reset() {
        var hard = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Each `send` goes out as it is, and waits for no more to come.
    func sendAtOnce() {
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Makes the system keep little for a reader that is slow.
    func narrow() {
        var size: Int32 = 64 << 10
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    /// False at the end of what the peer sends.
    private func fill() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 && errno == EAGAIN { throw RawProblem.silent }
        if count < 0 { throw RawProblem.closed }
        unread.withLock { $0 += buffer[..<count] }
        return count > 0
    }

    private func take(_ count: Int) -> [UInt8] {
        unread.withLock { unread in
            defer { unread.removeFirst(count) }
            return Array(unread.prefix(count))
        }
    }
}

enum RawProblem: Error, Equatable {
    case closed, silent, notHTTP
}

/// Runs blocking work on a thread of its own, so that the server's tasks keep theirs.
func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
    }
}
