import Blocking
import Glibc
import JSONText
import RunModel

// A session's folder on this machine's disks, known again by a mark in it.
extension LocalFiles {
    public func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder {
        let path = path(relative)
        return try await answer(about: path) { () throws(RunFileError) in try Self.take(path, owner, taking) }
    }

    public func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError) {
        let path = path(relative)
        try await answer(about: path) { () throws(RunFileError) in try Self.check(path, folder, owner) }
    }

    public func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder] {
        let (whole, parts) = (path(session), folders.map { (relative: $0, path: path($0)) })
        return try await answer(about: whole) { () throws(RunFileError) in
            let device = try Self.look(at: whole).device
            var found: [InnerFolder] = []
            for part in parts where Files.isDirectory(part.path) {
                try Self.checkWritable(part.path)
                let folder = try Self.look(at: part.path)
                found.append(InnerFolder(relative: part.relative, folder: folder, isOnAnotherDisk: folder.device != device))
            }
            return found
        }
    }

    // On the disk's lane.

    private static func take(_ path: String, _ owner: FolderOwner, _ taking: FolderTaking) throws(RunFileError) -> SessionFolder {
        if case .new = taking { try make(path) }
        let folder = try look(at: path)
        switch (try mark(in: path), taking) {
        case (let found?, _) where found.isOfSameName(as: owner):
            guard found.session != owner.session else { break }
            // A store has one session of a folder: another's mark was left by one that was cut short before its session was stored, and then there is
            // nothing else; or by one that a restored backup does not know, and then there are its movies.
            guard try isEmpty(path) else { throw .folderTaken(path: path, by: nil) }
            try putMark(owner, in: path)
        case (let found?, _):
            guard found.session == owner.session, found.store == owner.store else {
                throw .folderTaken(path: path, by: found.name.isEmpty ? nil : found.name)
            }
        case (nil, .told): try putMark(owner, in: path)
        case (nil, .new):
            guard try isEmpty(path) else { throw .folderTaken(path: path, by: nil) }
            try putMark(owner, in: path)
        case (nil, .own):
            // Nothing of a session that has a folder: this is what a disk that is not mounted leaves to see.
            guard try !isEmpty(path) else { throw .folderChanged(path: path) }
            try putMark(owner, in: path)
        }
        try checkWritable(path)
        return folder
    }

    private static func check(_ path: String, _ folder: SessionFolder?, _ owner: FolderOwner) throws(RunFileError) {
        let now = try look(at: path)
        if let folder, now != folder { throw .folderChanged(path: path) }
        if let found = try mark(in: path) {
            guard found.session == owner.session, found.store == owner.store else { throw .folderChanged(path: path) }
        } else {
            // One that was seen before had its mark.
            let isUnmarked = try isEmpty(path)
            if folder != nil || isUnmarked { throw .folderChanged(path: path) }
        }
        try checkWritable(path)
    }

    /// Exclusively: on a share that takes two names for one, the second finds the first one's mark.
    private static func make(_ path: String) throws(RunFileError) {
        do throws(Errno) {
            try Files.makeDirectories(Files.folder(of: path))
            guard mkdir(path, 0o775) != 0 else { return try Files.settle(folder: Files.folder(of: path)) }
            guard Errno.last == .fileExists, Files.isDirectory(path) else { throw .last }
        } catch {
            throw RunFileError(error, making: path)
        }
    }

    private static func look(at path: String) throws(RunFileError) -> SessionFolder {
        var status = stat()
        do throws(Errno) { try Files.retried { stat(path, &status) } } catch {
            if error == .noSuchFileOrDirectory || error == .notDirectory { throw .missing(path: path) }
            throw .folderUnusable(path: path, reason: error.words)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .folderChanged(path: path) }
        return SessionFolder(device: Int(bitPattern: UInt(status.st_dev)), inode: UInt64(status.st_ino))
    }

    /// Nil for none. One that cannot be read as such is nobody's of ours.
    private static func mark(in path: String) throws(RunFileError) -> FolderOwner? {
        do throws(Errno) {
            let bytes = try Files.read("\(path)/\(FolderOwner.marker)", limit: 1 << 16)
            return (try? JSONText.decode(FolderOwner.self, from: bytes, limits: .foreign(bytes: 1 << 16, depth: 8)))
                ?? FolderOwner.nobody
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw .folderUnusable(path: path, reason: error.words)
        }
    }

    private static func putMark(_ owner: FolderOwner, in path: String) throws(RunFileError) {
        do throws(Errno) {
            // Text only: nothing that JSON has no words for.
            guard let text = try? JSONText.encode(owner) else { throw .invalidArgument }
            let draft = try Files.draft("\(text)\n", in: path)
            defer { unlink(draft) }
            // Whoever may read the folder may read whose it is.
            let rights = Files.status(path).map { mode_t($0.permissions.rawValue) & 0o644 } ?? 0
            try Files.retried { chmod(draft, rights | 0o600) }
            try Files.rename(draft, to: "\(path)/\(FolderOwner.marker)")
            try Files.settle(folder: path)
        } catch {
            throw .folderUnusable(path: path, reason: error.words)
        }
    }

    /// But for a mark, and for what a mark is written to before it gets its name.
    private static func isEmpty(_ path: String) throws(RunFileError) -> Bool {
        do throws(Errno) {
            return try Files.names(in: path).allSatisfy { $0 == FolderOwner.marker || $0.hasPrefix(".draft-") }
        } catch {
            throw .folderUnusable(path: path, reason: error.words)
        }
    }

    private static func checkWritable(_ path: String) throws(RunFileError) {
        do throws(Errno) { try Files.retried { access(path, W_OK | X_OK) } } catch {
            throw .folderUnusable(path: path, reason: error.words)
        }
    }
}

extension FolderOwner {
    /// Of a mark that cannot be read.
    fileprivate static let nobody = FolderOwner(session: "unknown", name: "", group: "", store: "")

    fileprivate func isOfSameName(as other: FolderOwner) -> Bool {
        store == other.store && group == other.group && name == other.name
    }

    private init(session: SessionID, name: String, group: String, store: String) {
        (self.session, self.name, self.group, self.store) = (session, name, group, store)
    }
}
