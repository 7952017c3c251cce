import Blocking
import Glibc

/// The processes of this machine, told apart by boot and start time.
public struct LocalProcesses: ProcessTable {
    public let this: ProcessIdentity

    public init() {
        let pid = Int(getpid())
        this = ProcessIdentity(
            host: Self.host(), pid: pid, bootID: Self.text(of: "/proc/sys/kernel/random/boot_id") ?? "",
            start: Self.entry(of: pid)?.start ?? 0, namespace: Self.namespace())
    }

    public func liveness(of identity: ProcessIdentity) -> Liveness {
        guard identity.host == this.host else { return .cannotTell }
        guard identity.bootID == this.bootID, identity.pid > 0, identity.pid <= Int(Int32.max) else { return .gone }
        // Written by a version that did not say: then the number is taken as it is.
        if let theirs = identity.namespace, let mine = this.namespace, theirs != mine { return .cannotTell }
        guard let entry = Self.entry(of: identity.pid) else {
            // A process that may not be looked at still answers a signal that does nothing.
            return kill(pid_t(identity.pid), 0) == 0 || errno == EPERM ? .cannotTell : .gone
        }
        return entry.start == identity.start && !entry.hasEnded ? .alive : .gone
    }

    struct Entry: Equatable {
        /// Clock ticks after boot.
        var start: Int64
        /// A process that ended and whose parent has not looked yet.
        var hasEnded: Bool
    }

    /// Reads a line of `/proc/PID/stat`. The name in parentheses may hold blanks and parentheses of its own, so the last one counts.
    static func entry(of line: String) -> Entry? {
        guard let end = line.lastIndex(of: ")") else { return nil }
        // The state is field 3, the start time field 22.
        let fields = line[line.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let start = Int64(fields[19]) else { return nil }
        return Entry(start: start, hasEnded: fields[0] == "Z" || fields[0] == "X")
    }

    private static func entry(of pid: Int) -> Entry? { text(of: "/proc/\(pid)/stat").flatMap { entry(of: $0) } }

    /// `pid:[4026531836]`.
    private static func namespace() -> String? {
        var text = [UInt8](repeating: 0, count: 64)
        let count = readlink("/proc/self/ns/pid", &text, text.count)
        return count > 0 ? String(decoding: text.prefix(count), as: UTF8.self) : nil
    }

    private static func host() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What a small file of the kernel says, without its line's end.
    private static func text(of path: String) -> String? {
        // A process that is gone has none, and that is the answer.
        guard let text = try? Files.text(path), !text.isEmpty else { return nil }
        return text.last == "\n" ? String(text.dropLast()) : text
    }
}
