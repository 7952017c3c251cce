import Glibc
import RunModel

/// One server for a data directory: `DIR/server.lock`, held by the kernel for as long as this process lives.
///
/// The text in it is for people; what excludes is the kernel's lock, which no crash leaves behind.
final class ServerLock: Sendable {
    private let descriptor: Int32

    init(directory: String) throws(CommandProblem) {
        let path = "\(directory)/server.lock"
        while true {
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard file >= 0 else {
                throw CommandProblem(
                    "The file \(path) cannot be opened: \(SystemWords.last).",
                    remedy: "Check that the data directory may be written to.")
            }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                let holder = Self.text(of: file)
                close(file)
                throw CommandProblem(
                    "Another GridPilot server uses \(directory)\(holder.isEmpty ? "" : " (process \(holder))").",
                    remedy: "Stop that one first, or name another directory with --data.")
            }
            // Somebody may have removed the file between opening and locking: then this lock excludes nobody.
            if Self.isSame(file, path) {
                descriptor = file
                break
            }
            close(file)
        }
        write("\(getpid())\n")
    }

    /// The file stays: removing it would let two servers lock two files of one name.
    func release() {
        ftruncate(descriptor, 0)
        flock(descriptor, LOCK_UN)
    }

    deinit { close(descriptor) }

    private func write(_ text: String) {
        ftruncate(descriptor, 0)
        let bytes = Array(text.utf8)
        // The number is for people: a disk too full for it does not stop the server.
        _ = pwrite(descriptor, bytes, bytes.count, 0)
    }

    private static func text(of file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(file, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).filter(\.isNumber)
    }

    private static func isSame(_ file: Int32, _ path: String) -> Bool {
        var held = stat()
        var named = stat()
        return fstat(file, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }
}

/// The system's own words for what it refused.
enum SystemWords {
    static var last: String { String(cString: strerror(errno)).lowercased() }
}
