import Glibc

/// What a thread that may block does with files.
enum FileCopy {
    private static let pieceBytes = 4 << 20

    /// False leaves nothing behind; `errno` tells why.
    static func copy(_ source: String, to target: String) -> Bool {
        let from = open(source, O_RDONLY | O_CLOEXEC)
        guard from >= 0 else { return false }
        defer { close(from) }
        let part = target + ".part"
        let to = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o664)
        guard to >= 0 else { return false }
        let isCopied = pour(from, to) && fsync(to) == 0
        close(to)
        guard isCopied, rename(part, target) == 0 else {
            let reason = errno
            unlink(part)
            errno = reason
            return false
        }
        return true
    }

    private static func pour(_ from: Int32, _ to: Int32) -> Bool {
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            let count = read(from, &piece, piece.count)
            if count == 0 { return true }
            guard count > 0 else { return false }
            var done = 0
            while done < count {
                let written = piece.withUnsafeBytes { Glibc.write(to, $0.baseAddress! + done, count - done) }  // not empty here
                guard written > 0 else { return false }
                done += written
            }
        }
    }

    /// Sorted; empty for a folder that cannot be read.
    static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }
}

extension FileCopy {
    /// Nil where there is no such file; what lies beyond the limit is left out.
    static func text(of path: String, atMost limit: Int) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            let count = read(file, &piece, min(piece.count, limit - bytes.count))
            guard count > 0 else { break }
            bytes += piece.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension FileCopy {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// On the disk when it returns true, its name as well as its text.
    static func write(_ text: String, to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o664)
        guard file >= 0 else { return false }
        let bytes = Array(text.utf8)
        let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        close(file)
        guard isWritten, let slash = path.lastIndex(of: "/") else { return isWritten }
        let folder = open(String(path[...slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return false }
        defer { close(folder) }
        return fsync(folder) == 0
    }
}
