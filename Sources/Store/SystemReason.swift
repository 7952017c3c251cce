import Blocking
import GRDB
import Synchronization

/// Why the system refused a file call of SQLite's.
///
/// SQLite's own codes say "unable to open" for a missing right, a full disk and a broken one alike. The system's number stands only in its
/// log, in the line that comes just before the call returns.
enum SystemReason {
    private struct Line {
        var code: ResultCode
        var reason: Errno
        var path: String
    }
    private static let last = Mutex<[Line]>([])
    /// Nobody asks about most of them: those that SQLite dealt with itself.
    private static let limit = 32

    /// To be called before the first database is opened: later SQLite takes no listener any more.
    static let listen: Void = {
        Database.logError = { code, text in
            guard let line = parse(text, code) else { return }
            last.withLock { lines in
                if lines.count >= limit { lines.removeFirst() }
                lines.append(line)
            }
        }
    }()

    /// Of a refusal that was just thrown. What is taken is forgotten: it says nothing about the next one.
    static func take(of error: DatabaseError, about path: String) -> Errno? {
        last.withLock { lines in
            guard let index = lines.lastIndex(where: { $0.code == error.extendedResultCode && $0.path.hasPrefix(path) }) else {
                return nil
            }
            let reason = lines[index].reason
            lines.removeAll { $0.path.hasPrefix(path) }
            // SQLite asks a second time for reading alone, and it is that call which the line is about.
            return reason == .noSuchFileOrDirectory ? nil : reason
        }
    }

    /// `os_unix.c:45012: (28) open(/srv/gridpilot.sqlite-wal) - No space left on device`
    private static func parse(_ text: String, _ code: ResultCode) -> Line? {
        guard let match = text.wholeMatch(of: /os_unix\.c:\d+: \((\d+)\) \w+\((.*)\) - .*/), let number = Int32(match.1) else {
            return nil
        }
        return Line(code: code, reason: Errno(rawValue: number), path: String(match.2))
    }
}
