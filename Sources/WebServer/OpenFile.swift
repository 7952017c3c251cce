import Blocking
import Dispatch
import Glibc

/// A regular file that is being sent; closed when the last who sends it lets go. Its calls may block.
final class OpenFile: Sendable {
    private let file: FileDescriptor
    let size: Int
    let modified: time_t
    /// Changes whenever the content may have.
    let tag: String
    private let closing: @Sendable (FileDescriptor) -> Void

    /// `closing` stands for tests, which have no disk that hangs.
    init?(path: String, closing: @escaping @Sendable (FileDescriptor) -> Void = OpenFile.close) {
        // Why a file cannot be had is not told to whoever asks. Without `nonBlocking` a named pipe would hold the thread until somebody
        // writes into it.
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]) else { return nil }
        guard let status = try? file.stat(), status.type == .regular else {
            closing(file)
            return nil
        }
        self.file = file
        self.closing = closing
        size = Int(status.size)
        modified = status.st_mtim.tv_sec
        let parts = [
            UInt64(status.inode.rawValue), UInt64(status.size), UInt64(bitPattern: Int64(status.st_mtim.tv_sec)),
            UInt64(status.st_mtim.tv_nsec),
        ]
        tag = "\"\(parts.map { String($0, radix: 36) }.joined(separator: "-"))\""
    }

    /// Whoever lets go last may be the network thread, and a disk that is away may hold even this call: a queue of its own for each
    /// file, since the threads of the global ones are those that every task shares, and a hung closing must not keep other files open.
    deinit { DispatchQueue(label: "closing a file").async { [file, closing] in closing(file) } }

    /// Nothing was written that closing could lose.
    @Sendable static func close(_ file: FileDescriptor) { try? file.close() }

    /// Fewer bytes than asked for when the file ends; none when it has become unreadable.
    func read(at offset: Int, count: Int) -> [UInt8] {
        // The link is cut off either way.
        (try? Files.read(file, at: Int64(offset), count: count)) ?? []
    }
}
