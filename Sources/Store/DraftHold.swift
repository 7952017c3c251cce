import Blocking
import Glibc

/// The lock that tells a draft that somebody works on from one that was left behind, whichever machine or container they are in: a process's
/// number means nothing there.
///
/// One byte far behind every byte that SQLite locks, and by the open file: a lock of the process would go with any other opening of the file. It is
/// kept by network disks as well.
enum DraftHold {
    /// For as long as the file stays open. False where somebody else holds it, or the disk knows no locks.
    static func take(_ file: FileDescriptor) -> Bool {
        var lock = flock()
        (lock.l_type, lock.l_whence, lock.l_start, lock.l_len) = (Int16(F_WRLCK), Int16(SEEK_SET), 1 << 40, 1)
        return withUnsafeMutablePointer(to: &lock) { fcntl(file.rawValue, setLock, UnsafeMutableRawPointer($0)) } == 0
    }

    /// Whether nobody works on the file: what cannot be asked counts as held.
    static func isFree(_ path: String) -> Bool {
        let file = try? FileDescriptor.open(path, .readWrite, options: [.noFollow, .nonBlocking, .closeOnExec])
        guard let file else { return false }
        defer { close(file.rawValue) }
        return take(file)
    }

    // F_OFD_SETLK, which C shows only to those that ask for what is Linux's own.
    private static let setLock: Int32 = 37
}
