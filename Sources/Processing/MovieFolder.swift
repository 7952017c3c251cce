import Blocking

/// Where a movie lies, and what else is there.
enum MovieFolder {
    static func of(_ path: String) -> String { Files.folder(of: path) }
    static func holds(_ path: String) -> Bool { Files.exists(path) }
}
