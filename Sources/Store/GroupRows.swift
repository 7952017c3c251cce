import GRDB
import JSONText
import RunModel

/// Which groups there are, and who belongs to them.
enum GroupRows {
    /// Nil for no list. An empty one, as older versions left it, is none.
    static func read(_ db: Database) throws -> [String]? {
        let text = try db.text("SELECT value FROM meta WHERE name = 'groups'", [])
        let groups = try text.map { try JSONText.decode([String].self, from: $0) } ?? []
        return groups.isEmpty ? nil : groups
    }

    /// True when it changed something. Nobody joins a group that is not listed, and one with members stays.
    static func apply(_ change: AccountChange, _ db: Database) throws -> Bool {
        switch change {
        case .join(let username, let group):
            if let listed = try read(db), !listed.contains(group) { return false }
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
            // Asked here, where nobody can join meanwhile.
            guard try db.row("SELECT 1 FROM memberships WHERE \"group\" = ? LIMIT 1", [group]) == nil else { return false }
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
        // Without one of them there is no list, as before the first: an empty one would let nobody join anything.
        guard !sorted.isEmpty else {
            try db.run("DELETE FROM meta WHERE name = 'groups'", [])
            return true
        }
        try db.run(
            "INSERT INTO meta (name, value) VALUES ('groups', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [try JSONText.encode(sorted)])
        return true
    }
}
