import Blocking
import Glibc
import Store

extension AuditAuthor {
    /// Whoever works at this machine's command line: the system's own name for them. Behind `sudo` the one who called it stands beside it, as
    /// otherwise everybody there would be the same person.
    static var terminal: AuditAuthor {
        let uid = getuid()
        let login = (try? Files.text("/proc/self/loginuid")).flatMap { uid_t($0.prefix { $0.isNumber }) }  // not every kernel has it
        return AuditAuthor(
            person: name(of: uid), role: "terminal",
            address: place(uid, login: login, sudo: getenv("SUDO_USER").map { String(cString: $0) }))
    }

    /// `login` is as whom they signed in to the machine, by the kernel's word, which nobody but root can change; nobody in a container. What `sudo`
    /// left in the environment anybody could have written there, but for root, who needs no such trick.
    static func place(_ uid: uid_t, login: uid_t?, sudo: String?) -> String {
        if let login, login != uid, login != .max { return "command line (signed in as \(name(of: login)))" }
        guard uid == 0, let sudo, !sudo.isEmpty else { return "command line" }
        return "command line (sudo by \(sudo))"
    }

    private static func name(of uid: uid_t) -> String {
        getpwuid(uid).flatMap { $0.pointee.pw_name.map { String(cString: $0) } } ?? "user \(uid)"
    }
}
