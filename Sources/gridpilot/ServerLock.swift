import Blocking
import Glibc
import RunModel

/// One server for a data directory: `DIR/server.lock`, held by the kernel for as long as this process lives.
///
/// The text in it is for people; what excludes is the kernel's lock, which no crash leaves behind.
final class ServerLock: Sendable {
    private let descriptor: FileDescriptor

    init(directory: String) throws(CommandProblem) {
        let path = "\(directory)/server.lock"
        while true {
            let file = try Self.opened(path)
            guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                let holder = Self.text(of: file)
                Glibc.close(file.rawValue)
                throw CommandProblem(
                    "Another GridPilot server uses \(directory)\(holder.isEmpty ? "" : " (process \(holder))").",
                    remedy: "Stop that one first, or name another directory with --data.")
            }
            // Somebody may have removed the file between opening and locking: then this lock excludes nobody.
            if Self.isSame(file, path) {
                descriptor = file
                break
            }
            Glibc.close(file.rawValue)
        }
        write("\(getpid())\n")
    }

    /// The file stays: removing it would let two servers lock two files of one name.
    func release() {
        ftruncate(descriptor.rawValue, 0)
        flock(descriptor.rawValue, LOCK_UN)
    }

    deinit { Glibc.close(descriptor.rawValue) }

    private static func opened(_ path: String) throws(CommandProblem) -> FileDescriptor {
        do throws(Errno) {
            return try Files.inSystemWords {
                try FileDescriptor.open(
                    path, .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
            }
        } catch {
            if error == .noSpace || error == .diskQuotaExceeded { throw .full(path) }
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
        guard let held = try? file.stat(), let named = Files.status(path) else { return false }
        return held.inode == named.inode && held.deviceID == named.deviceID
    }
}
