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
    var folderRights: mode_t { 0o770 & ~mask & 0o070 }
}
