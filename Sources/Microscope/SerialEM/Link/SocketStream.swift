import Blocking
import Dispatch
import Glibc

/// A stream over TCP. What blocks is on two threads of its own, and `close` ends it at once.
public final class SocketStream: ByteStream {
    private let descriptor: Int32
    private let reading: DispatchQueue
    private let writing: DispatchQueue

    /// Takes over a connected socket.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
        reading = DispatchQueue(label: "serialem.read.\(descriptor)")
        writing = DispatchQueue(label: "serialem.write.\(descriptor)")
        // Requests are small, and each is waited for: none may wait for a second one.
        set(IPPROTO_TCP, TCP_NODELAY, 1)
        // A computer that lost its power says nothing: twenty seconds of silence to our questions are its end.
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(IPPROTO_TCP, TCP_KEEPIDLE, 10)
        set(IPPROTO_TCP, TCP_KEEPINTVL, 3)
        set(IPPROTO_TCP, TCP_KEEPCNT, 3)
        set(IPPROTO_TCP, TCP_USER_TIMEOUT, 20_000)
    }

    /// Only here: a number that is closed while a call uses it may be another file's by then.
    deinit { Glibc.close(descriptor) }

    public var hasUnread: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    public func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    public func send(_ bytes: ArraySlice<UInt8>) async throws(ByteStreamEnd) {
        let sent = try Self.sendNow(bytes, descriptor)
        guard sent < bytes.count else { return }
        let rest = bytes.dropFirst(sent)
        try await on(writing) { [descriptor] in Result { () throws(ByteStreamEnd) in try Self.sendAll(rest, descriptor) } }
    }

    public func sendUrgent(_ byte: UInt8) async throws(ByteStreamEnd) {
        try await on(writing) { [descriptor] in
            var byte = byte
            let sent = Glibc.send(descriptor, &byte, 1, Int32(MSG_OOB | MSG_NOSIGNAL))
            return sent == 1 ? .success(()) : .failure(Self.end())
        }
    }

    public func receive(_ count: Int) async throws(ByteStreamEnd) -> [UInt8] {
        try await on(reading) { [descriptor] in Result { () throws(ByteStreamEnd) in try Self.receive([count], [], descriptor) } }
    }

    public func receiveMessage(_ rest: @escaping @Sendable (Int32) -> Int?) async throws(ByteStreamEnd) -> StreamMessage {
        try await on(reading) { [descriptor] in
            Result { () throws(ByteStreamEnd) in
                let length = try Self.receive([4], [], descriptor).int32
                guard let count = rest(length) else { return .refused(length: length) }
                return .body(try Self.receive([count], [], descriptor))
            }
        }
    }

    public func receive(parts: [Int], asking request: [UInt8]) async throws(ByteStreamEnd) -> [UInt8] {
        try await on(reading) { [descriptor] in
            Result { () throws(ByteStreamEnd) in try Self.receive(parts, request, descriptor) }
        }
    }

    private func on<Value: Sendable>(
        _ queue: DispatchQueue, _ work: @escaping @Sendable () -> Result<Value, ByteStreamEnd>
    ) async throws(ByteStreamEnd) -> Value {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { [self] in
                    let outcome = work()
                    // The socket is open at least until its call has come back.
                    withExtendedLifetime(self) { continuation.resume(returning: outcome) }
                }
            }
        } onCancel: {
            // Whoever waited is not there any more; a call that blocks ends at once.
            close()
        }
        return try outcome.get()
    }

    private func set(_ level: some BinaryInteger, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

// On the stream's own threads.
extension SocketStream {
    /// What goes out without waiting.
    private static func sendNow(_ bytes: ArraySlice<UInt8>, _ descriptor: Int32) throws(ByteStreamEnd) -> Int {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
        if count >= 0 { return count }
        guard errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR else { throw end() }
        return 0
    }

    private static func sendAll(_ bytes: ArraySlice<UInt8>, _ descriptor: Int32) throws(ByteStreamEnd) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw end() }
            rest = rest.dropFirst(count)
        }
    }

    /// Memory is touched only as bytes come, so a peer that promises much and sends little costs little.
    private static func receive(_ parts: [Int], _ request: [UInt8], _ descriptor: Int32) throws(ByteStreamEnd) -> [UInt8] {
        var problem: ByteStreamEnd?
        let total = parts.reduce(0, +)
        let bytes = [UInt8](unsafeUninitializedCapacity: total) { target, filled in
            do throws(ByteStreamEnd) {
                var start = 0
                for (index, count) in parts.enumerated() {
                    if index > 0 { try sendAll(request[...], descriptor) }
                    try fill(
                        UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[start..<start + count]),
                        descriptor)
                    start += count
                }
                filled = total
            } catch {
                problem = error
            }
        }
        if let problem { throw problem }
        return bytes
    }

    private static func fill(_ target: UnsafeMutableRawBufferPointer, _ descriptor: Int32) throws(ByteStreamEnd) {
        var done = 0
        while done < target.count {
            let count = recv(descriptor, target.baseAddress! + done, target.count - done, 0)  // not empty here
            if count < 0, errno == EINTR { continue }
            guard count != 0 else { throw .closedByPeer }
            guard count > 0 else { throw end() }
            done += count
        }
    }

    private static func end() -> ByteStreamEnd {
        switch errno {
        case ECONNRESET, EPIPE: .closedByPeer
        case ETIMEDOUT: ByteStreamEnd("because the microscope's computer does not answer any more")
        case let code: ByteStreamEnd("(\(Errno(rawValue: code).words))")
        }
    }
}
