import Blocking
import Glibc
import RunModel

/// One server for a data directory: `DIR/server.lock`, held by the kernel for as long as this process lives.
///
/// The text in it is for people; what excludes is the kernel's lock, which no crash leaves behind. The folder `DIR/locks` is held as well: the file
/// may be removed by hand, and whoever comes next would lock another of its name. One that is a link is shared with another server, and is not held.
/// Where both were removed, the store's own lock is left (`StoreHold`).
final class ServerLock: Sendable {
    private let descriptor: FileDescriptor
    /// Nil in a directory that has none of its own.
    private let folder: FileDescriptor?

    init(directory: String) throws(CommandProblem) {
        let file = try Self.locked("\(directory)/server.lock", of: directory)
        // What keeps it from being opened is told by whoever needs it.
        let folder = try? FileDescriptor.open("\(directory)/locks", .readOnly, options: [.directory, .noFollow, .closeOnExec])
        // Some shares know no lock of a folder: then the file alone excludes.
        if let folder, flock(folder.rawValue, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            for mine in [folder, file] { Glibc.close(mine.rawValue) }
            throw Self.held(directory)
        }
        (descriptor, self.folder) = (file, folder)
        write("\(getpid())\n")
    }

    /// The file stays: removing it would let two servers lock two files of one name.
    func release() {
        ftruncate(descriptor.rawValue, 0)
        flock(descriptor.rawValue, LOCK_UN)
        if let folder { flock(folder.rawValue, LOCK_UN) }
    }

    deinit {
        Glibc.close(descriptor.rawValue)
        if let folder { Glibc.close(folder.rawValue) }
    }

    private static func locked(_ path: String, of directory: String) throws(CommandProblem) -> FileDescriptor {
        while true {
            let file = try opened(path)
            guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                let holder = text(of: file)
                Glibc.close(file.rawValue)
                throw held(directory, by: holder)
            }
            // Somebody may have removed the file between opening and locking: then this lock excludes nobody.
            if isSame(file, path) { return file }
            Glibc.close(file.rawValue)
        }
    }

    static func held(_ directory: String, by holder: String = "") -> CommandProblem {
        CommandProblem(
            "Another GridPilot server uses \(directory)\(holder.isEmpty ? "" : " (process \(holder))").",
            remedy: "Stop that one first, or name another directory with --data.")
    }

    private static func opened(_ path: String) throws(CommandProblem) -> FileDescriptor {
        do throws(Errno) { return try Files.openOwn(path, .readWrite, .create, .ownerReadWrite) } catch {
            if error == .noSpace || error == .diskQuotaExceeded { throw .full(path) }
            if error.isOfForeignFile {
                throw CommandProblem(
                    "\(path) is not a file of its own, so nothing is written to it.", remedy: "Move it away, then start again.")
            }
            throw CommandProblem(
                "The file \(path) cannot be opened: \(error.words).", remedy: "Check that the data directory may be written to.")
        }
    }

    private func write(_ text: String) {
        ftruncate(descriptor.rawValue, 0)
        // The number is for people: a disk too full for it does not stop the server.
        _ = try? descriptor.writeAll(toAbsoluteOffset: 0, text.utf8)
    }

    private static func text(of file: FileDescriptor) -> String {
        // What cannot be read is left out of the sentence.
        String(decoding: (try? Files.read(file, at: 0, count: 32)) ?? [], as: UTF8.self).filter(\.isNumber)
    }

    private static func isSame(_ file: FileDescriptor, _ path: String) -> Bool {
        guard let held = try? file.stat(), let named = Files.status(path, followsLinks: false) else { return false }
        return held.inode == named.inode && held.deviceID == named.deviceID
    }
}
