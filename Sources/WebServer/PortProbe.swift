import Blocking
import Glibc

/// Asks the system whether an address can be had: the library only says that it could not.
enum PortProbe {
    /// The system's words for why not, or nil.
    static func refusal(host: String, port: Int) -> String? {
        guard 0...65_535 ~= port else { return "A port is a number from 0 to 65535." }
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found else {
            return "\(host) is not an address."
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return reason() }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0, listen(descriptor, 1) == 0 else {
            return reason()
        }
        return nil
    }

    private static func reason() -> String {
        "The system says: \(Errno.last)."
    }
}
