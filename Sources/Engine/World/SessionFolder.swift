import RunModel

/// Which folder on which disk a session's files lie in: another one may stand under the same path a moment later.
public struct SessionFolder: Hashable, Sendable {
    public var device: Int
    public var inode: UInt64
    public init(device: Int, inode: UInt64) {
        self.device = device
        self.inode = inode
    }
}

/// A folder below a session's: a link leads away from it, and another disk may be mounted there.
public struct InnerFolder: Hashable, Sendable {
    /// To the data directory.
    public var relative: String
    public var folder: SessionFolder
    /// Than that of the session's folder.
    public var isOnAnotherDisk: Bool
    public init(relative: String, folder: SessionFolder, isOnAnotherDisk: Bool) {
        self.relative = relative
        self.folder = folder
        self.isOnAnotherDisk = isOnAnotherDisk
    }
}

/// Whose a session's folder is, as a file in it says. `store` tells the sessions of one data directory from those of another.
public struct FolderOwner: Hashable, Sendable, Codable {
    public var session: SessionID
    public var name: String
    public var group: String
    public var store: String

    public init(_ session: Session, store: String) {
        (self.session, name, group, self.store) = (session.id, session.name, session.group, store)
    }

    /// The name of that file in a session's folder.
    public static let marker = ".gridpilot-session"
}

/// How a folder is taken.
public enum FolderTaking: Sendable {
    /// For a session that begins: nothing of anybody's may be there.
    case new
    /// The session's own, as its mark says; one from before there were marks is known by what is in it.
    case own
    /// A person has said that it is the right one: it is the session's although it is empty or lies on another disk.
    case told
}
