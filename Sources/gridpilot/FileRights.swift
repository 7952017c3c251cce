import Blocking
import Glibc

/// Who besides the server's own user may have the files of sessions. Everything else in a data directory is for that user alone: it holds
/// the hashes of passwords, and what every group has done.
enum SessionFiles: String, Decodable, CaseIterable {
    case `private`
    /// The group of the server's user may read them.
    case group
    /// And may write among them: a microscope's computer that saves through a share as another user of that group.
    case groupWrite

    /// Counts for this process and for every program that it starts.
    func applyToNewFiles() { umask(mask) }

    private var mask: mode_t {
        switch self {
        case .private: 0o077
        case .group: 0o027
        case .groupWrite: 0o007
        }
    }

    /// What the group is given on the way to a session's folder, for a directory that was made when it had nothing.
    fileprivate var folderRights: mode_t { 0o770 & ~mask & 0o070 }
}

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
