import Glibc

extension SessionFiles {
    /// Lets the group through to the sessions. A directory of another user is that user's to open.
    func open(_ directory: DataDirectory) {
        guard self != .private else { return }
        Self.add(0o010, to: directory.path)
        Self.add(folderRights, to: directory.sessions)
    }

    private static func add(_ rights: mode_t, to folder: String) {
        var status = stat()
        guard stat(folder, &status) == 0, status.st_uid == geteuid(), status.st_mode & rights != rights else { return }
        chmod(folder, status.st_mode & 0o7777 | rights)
    }
}
