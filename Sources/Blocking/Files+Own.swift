import Glibc
import SystemPackage

// Files that are written to where somebody else may have put something in their place.
extension Files {
    /// Opens a file of the program's own, or makes it, for the time of `body`. What stands there instead is refused before anything of it changes:
    /// a link may lead to any file of this process, a second name may be any file's, and a pipe would wait for somebody at its other end.
    ///
    /// Never with `truncate`, which would empty it before it is looked at.
    public static func openedOwn<Value>(
        _ path: String, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = [],
        _ permissions: FilePermissions = [.ownerReadWrite, .groupReadWrite, .otherRead],
        _ body: (FileDescriptor) throws -> Value
    ) throws(Errno) -> Value {
        let file = try openOwn(path, mode, options, permissions)
        return try inSystemWords { try file.closeAfter { try body(file) } }
    }

    /// The same for whoever keeps it open.
    public static func openOwn(
        _ path: String, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = [],
        _ permissions: FilePermissions = [.ownerReadWrite, .groupReadWrite, .otherRead]
    ) throws(Errno) -> FileDescriptor {
        let file = try inSystemWords {
            try FileDescriptor.open(
                path, mode, options: options.union([.closeOnExec, .noFollow, .nonBlocking]),
                permissions: options.contains(.create) ? permissions : nil)
        }
        do throws(Errno) { try check(file, isOwn: true) } catch {
            try? file.close()  // Nothing was written to it.
            throw error
        }
        return file
    }

    /// A new file in the place of whatever stood there, which is left alone: only its name goes.
    static func openNew(_ path: String, _ permissions: FilePermissions) throws(Errno) -> FileDescriptor {
        unlink(path)
        return try inSystemWords {
            try FileDescriptor.open(
                path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: permissions)
        }
    }

    /// Refuses what is no file; with `isOwn`, also one that has a second name.
    static func check(_ file: FileDescriptor, isOwn: Bool) throws(Errno) {
        var facts = Glibc.stat()
        try retried { fstat(file.rawValue, &facts) }
        let kind = facts.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw .isDirectory }
        // One without any name was removed since it was opened.
        guard kind == S_IFREG, !isOwn || facts.st_nlink <= 1 else { throw .invalidArgument }
    }
}

extension Errno {
    /// Whether `Files.openOwn` says so of something that is not the program's own file.
    public var isOfForeignFile: Bool {
        [.tooManySymbolicLinkLevels, .noSuchAddressOrDevice, .isDirectory, .invalidArgument].contains(self)
    }
}
