import Blocking
import Glibc

/// Who besides the server's own user can have what lies in a data directory.
struct RightsCheck {
    /// A data directory holds millions of files: what was made the same way is known by its first ones.
    private static let mostLooks = 5000
    private static let mostNames = 5
    private var found: [String] = []
    private var count = 0
    private var looks = 0

    static func findings(_ directory: DataDirectory) -> [Finding] {
        guard let root = Files.status(directory.path) else { return [] }
        if let problem = problem(of: directory) { return [problem] }
        guard root.permissions.rawValue & 0o011 != 0 else {
            return [.fine("Nobody but its owner gets into \(directory.path).")]
        }
        var check = RightsCheck()
        let isForOthers = root.permissions.rawValue & 0o001 != 0
        check.lookAtOwn(directory, bits: isForOthers ? 0o066 : 0o060)
        if isForOthers { check.lookThrough([directory.sessions]) }
        return [check.finding(directory)]
    }

    /// Whether others may write in the directory itself; nothing in it is looked at.
    static func problem(of directory: DataDirectory) -> Finding? {
        guard let root = Files.status(directory.path), root.permissions.rawValue & 0o022 != 0 else { return nil }
        return .problem(
            "Other users of this machine can put another store into \(directory.path), with accounts of their own. "
                + "Take that from them: chmod go-w \(directory.path)")
    }

    /// What is nobody else's under any setting: the store, locks, backups, the demo's password.
    private mutating func lookAtOwn(_ directory: DataDirectory, bits: mode_t) {
        // A folder that cannot be read is told by the line before this one.
        for name in (try? Files.names(in: directory.path)) ?? [] where name != "sessions" {
            look(at: "\(directory.path)/\(name)", bits)
        }
        for name in (try? Files.names(in: directory.locks)) ?? [] { look(at: "\(directory.locks)/\(name)", bits) }
    }

    /// Folder after folder; where others cannot pass, nothing behind is looked at.
    private mutating func lookThrough(_ folders: [String]) {
        var waiting = folders
        while let folder = waiting.popLast(), looks < Self.mostLooks {
            guard let mode = look(at: folder, 0o006), mode & 0o001 != 0 else { continue }
            for name in ((try? Files.names(in: folder)) ?? []).prefix(Self.mostLooks - looks) {
                let path = "\(folder)/\(name)"
                if Files.status(path, followsLinks: false)?.type == .directory {
                    waiting.append(path)
                } else {
                    look(at: path, 0o006)
                }
            }
        }
    }

    @discardableResult
    private mutating func look(at path: String, _ bits: mode_t) -> mode_t? {
        looks += 1
        guard let status = Files.status(path, followsLinks: false), status.type == .regular || status.type == .directory else {
            return nil
        }
        let mode = mode_t(status.permissions.rawValue)
        guard mode & bits != 0 else { return mode }
        count += 1
        if found.count < Self.mostNames { found.append(path) }
        return mode
    }

    private func finding(_ directory: DataDirectory) -> Finding {
        let range = looks < Self.mostLooks ? "" : " (only \(looks) of them were looked at)"
        guard count > 0 else {
            return .fine("The files in \(directory.path) are for those alone whom they are meant for\(range).")
        }
        let others = count > found.count ? " and \(count - found.count) more" : ""
        return .problem(
            "Other users of this machine can read or change \(found.joined(separator: ", "))\(others)\(range). "
                + "Take that from them: chmod -R o= \(directory.path) && "
                + "chmod -R g= \(directory.path)/gridpilot.sqlite* \(directory.locks)")
    }
}
