import Blocking
import CLibWebSockets
import Glibc

extension OpenFile {
    /// The file below the folder; nil where it is elsewhere, or not to be had.
    static func open(_ path: String, beneath folder: String) -> FileDescriptor? {
        let start = folder.hasSuffix("/") ? folder : folder + "/"
        guard path.hasPrefix(start), path.utf8.count > start.utf8.count else { return nil }
        // Why the folder cannot be had is not told to whoever asks.
        guard let root = try? FileDescriptor.open(folder, .readOnly, options: [.closeOnExec, .directory]) else { return nil }
        defer { close(root) }
        let number = gp_open_beneath(root.rawValue, String(path.dropFirst(start.count)))
        if number >= 0 { return FileDescriptor(rawValue: number) }
        // An old kernel, or one that lets nobody call this.
        return errno == ENOSYS || errno == EPERM ? resolved(path, beneath: folder) : nil
    }

    /// Without the kernel's help: the real place is looked up first, and opened as what it is and not as a link.
    static func resolved(_ path: String, beneath folder: String) -> FileDescriptor? {
        guard let root = real(folder), let place = real(path), place.hasPrefix("\(root)/") else { return nil }
        return try? FileDescriptor.open(place, .readOnly, options: [.closeOnExec, .nonBlocking, .noFollow])
    }

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
