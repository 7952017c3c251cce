import Glibc
import SystemPackage

// Names, folders and links.
extension Files {
    /// With all folders above it; one that is there already is fine. `fileExists`: a file is in its place.
    /// `permissions` are the last one's; those above it are as the process's own rule for new files has them.
    public static func makeDirectories(_ path: String, permissions: mode_t = 0o775) throws(Errno) {
        guard mkdir(path, permissions) != 0 else { return }
        let problem = Errno.last
        switch problem {
        case .fileExists:
            if !isDirectory(path) { throw problem }
        case .noSuchFileOrDirectory where folder(of: path) != path:
            try makeDirectories(folder(of: path))
            if mkdir(path, permissions) != 0, !isDirectory(path) { throw .last }
        default: throw problem
        }
    }

    public static func isDirectory(_ path: String) -> Bool { status(path)?.type == .directory }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether something has this name, if only a link that leads nowhere.
    public static func isTaken(_ path: String) -> Bool { status(path, followsLinks: false) != nil }

    /// Whether a file is in its folder. A folder that is not there itself says nothing about the file: it may lie on a disk that is not mounted.
    public static func isThere(_ path: String) throws(Errno) -> Bool {
        do throws(Errno) { _ = try size(path) } catch {
            guard error == .noSuchFileOrDirectory else { throw error }
            _ = try size(folder(of: path))
            return false
        }
        return true
    }

    /// Nil where it cannot be had; links are followed unless it is asked about them.
    public static func status(_ path: String, followsLinks: Bool = true) -> Stat? {
        try? Stat(path, followTargetSymlink: followsLinks)  // Why is not asked.
    }

    public static func size(_ path: String) throws(Errno) -> Int {
        try inSystemWords { Int(try Stat(path, followTargetSymlink: true).size) }
    }

    /// What is in a folder, sorted.
    public static func names(in folder: String) throws(Errno) -> [String] {
        guard let stream = opendir(folder) else { throw .last }
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
    public static func removeTree(_ path: String) {
        guard let status = status(path, followsLinks: false) else { return }
        guard status.type == .directory else {
            unlink(path)
            return
        }
        // A folder that cannot be read cannot be emptied either.
        for name in (try? names(in: path)) ?? [] { removeTree("\(path)/\(name)") }
        rmdir(path)
    }

    public static func rename(_ old: String, to new: String) throws(Errno) { try retried { Glibc.rename(old, new) } }

    /// Nil for what is no link; what cannot be looked at, or is not there, is told.
    public static func linkTarget(_ path: String) throws(Errno) -> String? {
        var problem: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            let length = buffer.withMemoryRebound(to: CChar.self) { readlink(path, $0.baseAddress!, $0.count) }  // not empty here
            if length < 0 { problem = .last }
            count = max(0, length)
        }
        switch problem {
        case nil: return String(decoding: bytes, as: UTF8.self)
        case .invalidArgument: return nil
        case let problem?: throw problem
        }
    }

    /// What a path's last part is in.
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
