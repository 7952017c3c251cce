import GRDB
import JSONText
import RunModel

/// Which groups there are, and who belongs to them.
enum GroupRows {
    static func read(_ db: Database) throws -> [String]? {
        try db.text("SELECT value FROM meta WHERE name = 'groups'", []).map { try JSONText.decode([String].self, from: $0) }
    }

    /// True when it changed something.
    static func apply(_ change: AccountChange, _ db: Database) throws -> Bool {
        switch change {
        case .join(let username, let group):
            try db.run("INSERT OR IGNORE INTO memberships (username, \"group\") VALUES (?, ?)", [username, group])
            return db.changesCount > 0
        case .leave(let username, let group):
            try db.run("DELETE FROM memberships WHERE username = ? AND \"group\" = ?", [username, group])
            return db.changesCount > 0
        case .addGroup(let group):
            let listed = try Set(read(db) ?? named(db))
            return try write(listed.union([group]), over: read(db), db)
        case .removeGroup(let group):
            guard let listed = try read(db) else { return false }
            return try write(Set(listed).subtracting([group]), over: listed, db)
        default: return false
        }
    }

    /// Those of people and sessions from before there was a list.
    private static func named(_ db: Database) throws -> [String] {
        try db.rows("SELECT \"group\" FROM memberships UNION SELECT \"group\" FROM sessions", []).map { $0[0] }
    }

    private static func write(_ groups: Set<String>, over old: [String]?, _ db: Database) throws -> Bool {
        let sorted = groups.sorted()
        guard sorted != old else { return false }
        try db.run(
            "INSERT INTO meta (name, value) VALUES ('groups', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [try JSONText.encode(sorted)])
        return true
    }
}
