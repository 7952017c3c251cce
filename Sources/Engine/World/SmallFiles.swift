import Glibc

/// Texts and folders beside movies: orders, results, what other programs write. Blocks; what goes wrong comes back in the system's words.
enum SmallFiles {
    /// Nil when it cannot be read or is longer than `limit` bytes: neither is a text that was waited for.
    static func read(_ path: String, limit: Int = 4 << 20) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes.append(contentsOf: part[..<count])
            if bytes.count > limit { return nil }
        }
    }

    /// The end of a text that may be long.
    static func tail(_ path: String, bytes limit: Int = 4096) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        let size = lseek(file, 0, SEEK_END)
        lseek(file, max(0, size - limit), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = Glibc.read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// Whole or not at all, and on the disk when this returns.
    static func write(_ text: String, to path: String) -> String? {
        let draft = "\(path).\(getpid()).new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o664)
        guard file >= 0 else { return LocalFiles.words(errno) }
        var problem = LocalFiles.write(Array(text.utf8), to: file)
        if problem == nil, fsync(file) != 0 { problem = LocalFiles.words(errno) }
        close(file)
        if problem == nil, rename(draft, path) != 0 { problem = LocalFiles.words(errno) }
        if problem != nil { unlink(draft) }
        return problem
    }

    /// Names, sorted; none where there is no such folder.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                // The kernel ends it with a zero within its 256 bytes.
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// With everything in it; links are removed, not followed. What cannot be removed stays.
    static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
