import Blocking
import Dispatch
import Glibc
import Synchronization

/// Opens connections to where a SerialEM listens.
public protocol StreamDialer: Sendable {
    /// Throws when nothing answers within `seconds`. A cancelled caller is let go at once, and what was being opened is closed.
    func dial(_ address: SerialEMAddress, within seconds: Double) async throws(ByteStreamEnd) -> any ByteStream
}

/// Dials over TCP, on threads of its own.
public struct SocketDialer: StreamDialer {
    /// Wide, since a name server that hangs keeps its thread.
    private static let threads = DispatchQueue(label: "serialem.dial", attributes: .concurrent)

    public init() {}

    public func dial(_ address: SerialEMAddress, within seconds: Double) async throws(ByteStreamEnd) -> any ByteStream {
        let call = Call()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                call.wait(continuation)
                Self.threads.async { call.connect(to: address, milliseconds: Int32(clamping: Int(seconds * 1000))) }
                Self.threads.asyncAfter(deadline: .now() + seconds) { call.give(.failure(Self.silent(address))) }
            }
        } onCancel: {
            call.give(.failure(.closedHere))
        }
        return try outcome.get()
    }

    fileprivate static func silent(_ address: SerialEMAddress) -> ByteStreamEnd {
        ByteStreamEnd("since nothing answers at \(address)")
    }
}

/// One attempt, answered once by whoever is first: the socket, the clock or a cancellation.
private final class Call: Sendable {
    typealias Outcome = Result<SocketStream, ByteStreamEnd>
    private struct State {
        var continuation: CheckedContinuation<Outcome, Never>?
        var early: Outcome?
        var isOver = false
    }
    private let state = Mutex(State())

    func wait(_ continuation: CheckedContinuation<Outcome, Never>) {
        let early = state.withLock { state -> Outcome? in
            if state.early == nil { state.continuation = continuation }
            return state.early
        }
        if let early { continuation.resume(returning: early) }
    }

    func give(_ outcome: Outcome) {
        let waiting = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            guard !state.isOver else { return nil }
            state.isOver = true
            if state.continuation == nil { state.early = outcome }
            defer { state.continuation = nil }
            return state.continuation
        }
        // A stream that nobody takes is closed by its end.
        waiting?.resume(returning: outcome)
    }

    func connect(to address: SerialEMAddress, milliseconds: Int32) {
        give(Result { () throws(ByteStreamEnd) in try Self.open(address, milliseconds) })
    }

    private static func open(_ address: SerialEMAddress, _ milliseconds: Int32) throws(ByteStreamEnd) -> SocketStream {
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, "\(address.port)", &hints, &list) == 0, let first = list else {
            throw ByteStreamEnd("since no computer is called \(address.host)")
        }
        defer { freeaddrinfo(list) }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw ByteStreamEnd("(\(Errno.last.words))") }
        let stream = SocketStream(descriptor: descriptor)
        if Glibc.connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) != 0 {
            guard errno == EINPROGRESS else { throw refused(address, errno) }
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&wait, 1, milliseconds) == 1 else { throw SocketDialer.silent(address) }
            var code: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
            guard code == 0 else { throw refused(address, code) }
        }
        // From here on its threads wait for it.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        return stream
    }

    private static func refused(_ address: SerialEMAddress, _ code: Int32) -> ByteStreamEnd {
        code == ECONNREFUSED
            ? ByteStreamEnd("since no SerialEM listens at \(address)")
            : ByteStreamEnd("since \(address) cannot be reached (\(Errno(rawValue: code).words))")
    }
}
