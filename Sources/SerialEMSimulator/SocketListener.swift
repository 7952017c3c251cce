import Blocking
import Dispatch
import Glibc
import Microscope
import RunModel

/// Accepts connections for a simulated SerialEM, which keeps two waiting and sits with one.
public final class SocketListener: Sendable {
    public let address: SerialEMAddress
    private let descriptor: Int32
    private static let backlog: Int32 = 2

    /// Listens at once; port 0 takes a free one.
    public init(_ wanted: SerialEMAddress) throws(ListenProblem) {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = in_port_t(wanted.port).bigEndian
        guard inet_pton(AF_INET, wanted.host == "localhost" ? "127.0.0.1" : wanted.host, &place.sin_addr) == 1 else {
            throw ListenProblem(address: wanted, reason: "it is no IPv4 address")
        }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(descriptor, place, size) == 0 && listen(descriptor, Self.backlog) == 0
                    && getsockname(descriptor, place, &size) == 0
            }
        }
        guard isBound else {
            let reason = Errno.last.words
            Glibc.close(descriptor)
            throw ListenProblem(address: wanted, reason: reason)
        }
        self.descriptor = descriptor
        address = SerialEMAddress(host: wanted.host, port: Int(in_port_t(bigEndian: place.sin_port)))
    }

    deinit { Glibc.close(descriptor) }

    /// Connections as they come, until `close`. To be asked for once.
    public func connections() -> AsyncStream<any ByteStream> {
        // Beyond a few that wait, the oldest are let go: a stream that nobody takes is closed by its end.
        let (stream, continuation) = AsyncStream.makeStream(
            of: (any ByteStream).self, bufferingPolicy: .bufferingNewest(Int(Self.backlog) * 4))
        DispatchQueue(label: "serialem.accept").async { [self] in
            while true {
                let client = accept(descriptor, nil, nil)
                if client >= 0 {
                    continuation.yield(SocketStream(descriptor: client))
                } else if errno == EMFILE || errno == ENFILE {
                    // Until some are closed; a listener that ended here would end the program without a word.
                    poll(nil, 0, 100)
                } else if errno != EINTR && errno != ECONNABORTED {
                    break
                }
            }
            continuation.finish()
        }
        return stream
    }

    public func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// Why nothing can listen at an address.
public struct ListenProblem: Explained, Equatable {
    public let address: SerialEMAddress
    public let reason: String
    public var code: String { "serialem.listen" }
    public var sentence: String { "Nothing can listen at \(address): \(reason)." }
    public var remedy: String? { "Name another HOST:PORT; port 0 takes a free one." }
}
