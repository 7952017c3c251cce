import Glibc
import SystemPackage

public typealias Errno = SystemPackage.Errno
public typealias FileDescriptor = SystemPackage.FileDescriptor

/// The file operations that the house repeats. They block as long as the disk does, so they belong on a lane; what goes wrong is an `Errno`.
public enum Files {
    /// The whole file, or `fileTooLarge` where it has more than `limit` bytes. A pipe in its place is not waited for.
    public static func read(_ path: String, limit: Int = 4 << 20) throws(Errno) -> [UInt8] {
        try opened(path, .readOnly, .nonBlocking) { file in
            var bytes: [UInt8] = []
            var part = [UInt8](repeating: 0, count: min(limit + 1, 1 << 16))
            while true {
                let count = try part.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return bytes }
                bytes += part[..<count]
                if bytes.count > limit { throw Errno.fileTooLarge }
            }
        }
    }

    /// The same as text; what is no UTF-8 in it shows as �.
    public static func text(_ path: String, limit: Int = 4 << 20) throws(Errno) -> String {
        String(decoding: try read(path, limit: limit), as: UTF8.self)
    }

    /// The end of a text that may be long.
    public static func tail(_ path: String, bytes limit: Int = 4096) throws(Errno) -> String {
        try opened(path, .readOnly, .nonBlocking) { file in
            let size = try file.seek(offset: 0, from: .end)
            let bytes = try read(file, at: max(0, size - Int64(limit)), count: limit)
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Fewer bytes than asked for only where the file ends.
    public static func read(_ file: FileDescriptor, at offset: Int64, count: Int) throws(Errno) -> [UInt8] {
        try inSystemWords {
            try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                let room = UnsafeMutableRawBufferPointer(buffer)
                while filled < count {
                    let part = UnsafeMutableRawBufferPointer(rebasing: room[filled...])
                    let got = try file.read(fromAbsoluteOffset: offset + Int64(filled), into: part)
                    if got == 0 { return }
                    filled += got
                }
            }
        }
    }

    /// Whole or not at all, and on the disk with its name when this returns.
    public static func write(
        _ bytes: [UInt8], to path: String, permissions: FilePermissions = [.ownerReadWrite, .groupReadWrite, .otherRead]
    ) throws(Errno) {
        // Of one process and one name: two who write one file at once are two programs.
        let draft = "\(path).\(getpid()).new"
        do {
            let file = try openNew(draft, permissions)
            try inSystemWords {
                try file.closeAfter {
                    _ = try file.writeAll(bytes)
                    try settle(file)
                }
            }
            try rename(draft, to: path)
        } catch {
            unlink(draft)
            throw error
        }
        try settle(folder: folder(of: path))
    }

    public static func write(_ text: String, to path: String) throws(Errno) { try write(Array(text.utf8), to: path) }

    /// A new file for its owner alone, with a hidden name of its own, on the disk when this returns: to be linked or renamed to where it belongs.
    public static func draft(_ text: String, in folder: String) throws(Errno) -> String {
        var name = Array("\(folder)/.draft-XXXXXX".utf8CString)
        let file = FileDescriptor(rawValue: try retried { mkstemp(&name) })
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do throws(Errno) {
            try inSystemWords {
                try file.closeAfter {
                    try retried { fcntl(file.rawValue, F_SETFD, FD_CLOEXEC) }
                    _ = try file.writeAll(text.utf8)
                    try settle(file)
                }
            }
        } catch {
            unlink(path)
            throw error
        }
        return path
    }

    /// At the end of a file, which is made where there is none. What stands there instead of one gets nothing.
    public static func append(_ text: String, to path: String) throws(Errno) {
        try openedOwn(path, .writeOnly, [.append, .create]) { file in _ = try file.writeAll(text.utf8) }
    }
}

extension Files {
    /// Opens for the time of `body`.
    public static func opened<Value>(
        _ path: String, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = [],
        _ permissions: FilePermissions = [.ownerReadWrite, .groupReadWrite, .otherRead],
        _ body: (FileDescriptor) throws -> Value
    ) throws(Errno) -> Value {
        try inSystemWords {
            let file = try FileDescriptor.open(
                path, mode, options: options.union(.closeOnExec), permissions: options.contains(.create) ? permissions : nil)
            return try file.closeAfter { try body(file) }
        }
    }

    /// The bytes of an open file reach the disk.
    public static func settle(_ file: FileDescriptor) throws(Errno) { try retried { fsync(file.rawValue) } }

    /// A file that somebody else may have written reaches the disk, and its name after it.
    public static func settle(named path: String) throws(Errno) {
        try whereKnown { () throws(Errno) in try opened(path, .readOnly, .nonBlocking) { file in try settle(file) } }
        try settle(folder: folder(of: path))
    }

    /// Names reach the disk with their folder, where its disk knows of such an order.
    public static func settle(folder: String) throws(Errno) {
        try whereKnown { () throws(Errno) in try opened(folder, .readOnly, .directory) { file in try settle(file) } }
    }

    /// Some shares know of no order to bring a folder's names, or anything, to the disk: then nobody can wait for it.
    private static func whereKnown(_ order: () throws(Errno) -> Void) throws(Errno) {
        do throws(Errno) { try order() } catch {
            guard error == .invalidArgument || error == .noFunction || error == .notSupportedOnSocket else { throw error }
        }
    }

    /// swift-system's calls throw nothing but `Errno`, though their types do not say so.
    public static func inSystemWords<Value>(_ body: () throws -> Value) throws(Errno) -> Value {
        do { return try body() } catch { throw error as? Errno ?? .ioError }
    }

    /// Carries out a call that returns -1 and sets `errno`, anew where a signal came in between.
    @discardableResult
    public static func retried(_ call: () -> Int32) throws(Errno) -> Int32 {
        while true {
            let result = call()
            if result != -1 { return result }
            guard errno == EINTR else { throw Errno(rawValue: errno) }
        }
    }
}

extension Errno {
    /// The system's own words, as they go into a sentence.
    public var words: String { description.lowercased() }
    /// Of the call that has just returned -1.
    public static var last: Errno { Errno(rawValue: errno) }
}
