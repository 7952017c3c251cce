import Glibc
import Store

extension AuditAuthor {
    /// Whoever works at this machine's command line: the system's own name for them. Behind `sudo` the one who called it stands beside it, as
    /// otherwise everybody there would be the same person.
    static var terminal: AuditAuthor {
        let uid = getuid()
        let name = getpwuid(uid).flatMap { $0.pointee.pw_name.map { String(cString: $0) } } ?? "user \(uid)"
        let caller = getenv("SUDO_USER").map { String(cString: $0) } ?? ""
        return AuditAuthor(
            person: name, role: "terminal", address: caller.isEmpty ? "command line" : "command line (sudo by \(caller))")
    }
}
