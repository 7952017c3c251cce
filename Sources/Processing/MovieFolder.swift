import Blocking

/// Where a movie lies, and what else is there.
enum MovieFolder {
    static func of(_ path: String) -> String { Files.folder(of: path) }
    /// A folder or a pipe of that name is none.
    static func holdsFile(_ path: String) -> Bool { Files.status(path)?.type == .regular }
}
