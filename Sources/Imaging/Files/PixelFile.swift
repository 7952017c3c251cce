import Glibc
import SystemPackage

/// A file descriptor that closes itself, read and written at given places.
///
/// The number never changes, and reading and writing at a place share no position, so several threads may use it.
final class PixelFile: Sendable {
    let path: String
    private let file: FileDescriptor

    init(reading path: String) throws(ImagingError) {
        self.path = path
        do {
            // Without `nonBlocking` opening a pipe waits for its writer, before anybody could see that it is no file.
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw .cannotRead(file: path, reason: words(error))
        }
    }

    /// A file that is there, to be written to.
    init(updating path: String) throws(ImagingError) {
        self.path = path
        do { file = try FileDescriptor.open(path, .readWrite, options: .closeOnExec) } catch {
            throw .cannotWrite(file: path, reason: words(error))
        }
    }

    /// A new file beside `path` under a hidden name of its own, to be renamed when it is whole.
    init(besideTarget target: String) throws(ImagingError) {
        let parts = target.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().joined(separator: "/")
        let hidden = (parts.count > 1 ? folder + "/." : ".") + (parts.last ?? "") + "."
        do { (file, path) = try Self.open(new: hidden) } catch { throw .cannotWrite(file: target, reason: words(error)) }
    }

    /// By hand: the system's own call gives temporary files to their owner alone, whatever the process's rule for new files says.
    private static func open(new prefix: String) throws -> (FileDescriptor, String) {
        for _ in 0..<100 {
            let path = prefix + String(UInt32.random(in: .min ... .max), radix: 36)
            do {
                return (
                    try FileDescriptor.open(
                        path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec],
                        permissions: [.ownerReadWrite, .groupReadWrite, .otherRead]), path
                )
            } catch Errno.fileExists { continue }
        }
        throw Errno.fileExists
    }

    /// Whatever it is.
    static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

    deinit { try? file.close() }  // What had to reach the disk was brought there by `move`.

    func size() throws(ImagingError) -> Int {
        let status: Stat
        do { status = try Stat(file) } catch { throw .cannotRead(file: path, reason: words(error)) }
        guard status.type == .regular else { throw .cannotRead(file: path, reason: "it is not a file") }
        return Int(status.size)
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
            let count: Int
            do {
                count = try file.read(
                    fromAbsoluteOffset: Int64(offset + done), into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
            } catch {
                return .cannotRead(file: path, reason: words(error))
            }
            if count == 0 {
                return .truncated(file: path, expectedBytes: offset + buffer.count, foundBytes: offset + done)
            }
            done += count
        }
        return nil
    }

    func write(_ bytes: [UInt8], at offset: Int, target: String) throws(ImagingError) {
        do { try file.writeAll(toAbsoluteOffset: Int64(offset), bytes) } catch {
            throw .cannotWrite(file: target, reason: words(error))
        }
    }

    /// On the disk first, then under its name: a reader sees the whole file or none.
    func move(to target: String) throws(ImagingError) {
        guard fdatasync(file.rawValue) == 0, rename(path, target) == 0 else {
            throw .cannotWrite(file: target, reason: words(Errno(rawValue: errno)))
        }
        settleName(of: target)
    }

    /// The name reaches the disk as well. A share that knows of no such order has what it was given.
    private func settleName(of target: String) {
        let folder = FilePath(target).removingLastComponent()
        guard
            let names = try? FileDescriptor.open(
                folder.isEmpty ? "." : folder, .readOnly, options: [.directory, .closeOnExec])
        else { return }
        fsync(names.rawValue)
        try? names.close()  // Nothing was written through it.
    }

    func remove() { unlink(path) }
}

/// The system's words, as they stand in a sentence.
private func words(_ error: any Error) -> String {
    (error as? Errno ?? Errno(rawValue: EIO)).description.lowercased()
}
