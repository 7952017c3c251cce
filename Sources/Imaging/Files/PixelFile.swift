import Glibc

/// A file descriptor that closes itself, read and written at given places.
///
/// The number never changes, and `pread` and `pwrite` share no position, so several threads may use it.
final class PixelFile: Sendable {
    let path: String
    private let descriptor: Int32

    init(reading path: String) throws(ImagingError) {
        // Without O_NONBLOCK opening a pipe waits for its writer, before anybody could see that it is no file.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        self.path = path
        guard descriptor >= 0 else { throw .cannotRead(file: path, reason: lastReason()) }
    }

    /// A file that is there, to be written to.
    init(updating path: String) throws(ImagingError) {
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else { throw .cannotWrite(file: path, reason: lastReason()) }
    }

    /// A new file beside `path` under a hidden name of its own, to be renamed when it is whole.
    init(besideTarget target: String) throws(ImagingError) {
        let parts = target.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().joined(separator: "/")
        let hidden = (parts.count > 1 ? folder + "/." : ".") + (parts.last ?? "") + ".XXXXXX"
        var template = Array(hidden.utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            path = target
            throw .cannotWrite(file: target, reason: lastReason())
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        fchmod(descriptor, 0o644)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func size() throws(ImagingError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotRead(file: path, reason: lastReason()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .cannotRead(file: path, reason: "it is not a file") }
        return Int(status.st_size)
    }

    /// Exactly `count` bytes, or an account of how many there were.
    func read(at offset: Int, count: Int) throws(ImagingError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        if let problem = bytes.withUnsafeMutableBytes({ fill($0, from: offset) }) { throw problem }
        return bytes
    }

    /// Fills the whole buffer, or tells what kept it from being filled.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) -> ImagingError? {
        var done = 0
        while done < buffer.count {
            let n = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            if n < 0 && errno == EINTR { continue }
            if n < 0 { return .cannotRead(file: path, reason: lastReason()) }
            if n == 0 { return .truncated(file: path, expectedBytes: offset + buffer.count, foundBytes: offset + done) }
            done += n
        }
        return nil
    }

    func write(_ bytes: [UInt8], at offset: Int, target: String) throws(ImagingError) {
        var done = 0
        while done < bytes.count {
            let n = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, off_t(offset + done)) }
            if n < 0 && errno == EINTR { continue }
            guard n > 0 else { throw .cannotWrite(file: target, reason: lastReason()) }
            done += n
        }
    }

    /// On the disk first, then under its name: a reader sees the whole file or none.
    func move(to target: String) throws(ImagingError) {
        guard fdatasync(descriptor) == 0, rename(path, target) == 0 else {
            throw .cannotWrite(file: target, reason: lastReason())
        }
    }

    func remove() { unlink(path) }
}

private func lastReason() -> String { reason(errno) }

private func reason(_ code: Int32) -> String {
    String(cString: strerror(code)).lowercased()
}
