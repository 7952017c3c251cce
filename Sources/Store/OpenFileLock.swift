import Blocking
import Glibc

/// Locks of one byte far behind every byte that SQLite locks, by the open file: a lock of the process would go with any other opening of the file.
/// They are kept by network disks as well, and know of other machines and containers, where a process's number means nothing.
enum OpenFileLock: Int {
    /// Tells a draft that somebody works on from one that was left behind.
    case draft
    /// Of the one server that works on a store.
    case server

    /// For as long as the file stays open.
    func take(_ file: FileDescriptor) -> Taken {
        var lock = flock()
        (lock.l_type, lock.l_whence, lock.l_start, lock.l_len) = (Int16(F_WRLCK), Int16(SEEK_SET), 1 << 40 + rawValue, 1)
        guard withUnsafeMutablePointer(to: &lock, { fcntl(file.rawValue, Self.set, UnsafeMutableRawPointer($0)) }) != 0 else {
            return .mine
        }
        return [EAGAIN, EACCES].contains(errno) ? .another : .unknown
    }
    enum Taken {
        case mine, another
        /// The disk knows no locks.
        case unknown
    }

    /// Whether nobody works on the file: what cannot be asked counts as held.
    func isFree(_ path: String) -> Bool {
        let file = try? FileDescriptor.open(path, .readWrite, options: [.noFollow, .nonBlocking, .closeOnExec])
        guard let file else { return false }
        defer { close(file.rawValue) }
        return take(file) == .mine
    }

    // F_OFD_SETLK, which C shows only to those that ask for what is Linux's own.
    private static let set: Int32 = 37
}
