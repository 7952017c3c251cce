import Blocking
import Glibc

/// The lock of the one server that works on a store, on the store's own file: other files that exclude may be removed by hand, this one not without
/// the store. Commands that read and write the store beside the server take none.
public final class StoreHold: Sendable {
    private let file: FileDescriptor?

    /// Nil where another server holds it. On a disk that knows no locks nobody does.
    public init?(of path: String) {
        // None yet; one that cannot be opened is told of by whoever opens the store.
        file = try? FileDescriptor.open(path, .readWrite, options: [.nonBlocking, .closeOnExec])
        if let file, OpenFileLock.server.take(file) == .another {
            close(file.rawValue)
            return nil
        }
    }

    /// Whether it is this very file that is held: one that was made or put in place since is another.
    public func holds(_ path: String) -> Bool {
        guard let held = try? file?.stat(), let named = Files.status(path) else { return false }
        return held.inode == named.inode && held.deviceID == named.deviceID
    }

    /// SQLite's own locks of this process go with it: the store is closed before.
    deinit { if let file { close(file.rawValue) } }
}
