import Blocking
import CLibWebSockets
import Dispatch
import Glibc

/// A regular file that is being read; closed when the last who reads it lets go. Its calls may block.
public final class OpenFile: Sendable {
    private let file: FileDescriptor
    public let size: Int
    let modified: time_t
    /// Changes whenever the content may have.
    public let tag: String
    private let closing: @Sendable (FileDescriptor) -> Void

    /// With `folder` no link on the way may lead out of that: whoever may write into it could otherwise have any file of the server
    /// shown. `closing` stands for tests, which have no disk that hangs.
    public convenience init?(path: String, beneath folder: String?) {
        self.init(path: path, beneath: folder, closing: OpenFile.close)
    }

    init?(
        path: String, beneath folder: String? = nil, closing: @escaping @Sendable (FileDescriptor) -> Void = OpenFile.close
    ) {
        // Why a file cannot be had is not told to whoever asks. Without `nonBlocking` a named pipe would hold the thread until somebody
        // writes into it.
        let options: FileDescriptor.OpenOptions = [.closeOnExec, .nonBlocking]
        let opened = folder.map { Self.open(path, beneath: $0) } ?? (try? FileDescriptor.open(path, .readOnly, options: options))
        guard let file = opened else { return nil }
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

    /// The file itself as a path, whatever stands under its name by now; for as long as this object lives.
    public var descriptorPath: String { "/proc/self/fd/\(file.rawValue)" }

    /// Nothing was written that closing could lose.
    @Sendable static func close(_ file: FileDescriptor) { try? file.close() }

    /// Fewer bytes than asked for when the file ends; none when it has become unreadable.
    func read(at offset: Int, count: Int) -> [UInt8] {
        // The link is cut off either way.
        (try? Files.read(file, at: Int64(offset), count: count)) ?? []
    }
}
