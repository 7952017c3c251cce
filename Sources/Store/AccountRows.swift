import GRDB
import RunModel

/// A person as stored. The rules about people are in Accounts.
public struct PersonRecord: Hashable, Sendable {
    public var username: String
    /// Argon2id, salt and cost included.
    public var password: String
    public var staff: Bool
    public var viewerOnly: Bool
    public var groups: Set<String>
    public var createdAt: Timestamp

    public init(username: String, password: String, staff: Bool, viewerOnly: Bool, groups: Set<String>, createdAt: Timestamp) {
        self.username = username
        self.password = password
        self.staff = staff
        self.viewerOnly = viewerOnly
        self.groups = groups
        self.createdAt = createdAt
    }
}

/// A sign-in or an API token, by the hash of its secret.
public struct CredentialRecord: Hashable, Sendable {
    /// A device is a browser in which somebody has signed in before; its secret lets nobody in.
    public enum Kind: String, Sendable { case signIn, token, device }
    public var hash: String
    public var username: String
    public var kind: Kind
    /// What its owner calls an API token.
    public var name: String
    public var createdAt: Timestamp
    /// Nil: never.
    public var expiresAt: Timestamp?

    public init(hash: String, username: String, kind: Kind, name: String, createdAt: Timestamp, expiresAt: Timestamp?) {
        self.hash = hash
        self.username = username
        self.kind = kind
        self.name = name
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// All accounts at one moment.
public struct AccountTable: Hashable, Sendable {
    /// Rises with every change except the extension of a sign-in, whichever process made it.
    public var version: Int64
    public var people: [PersonRecord]
    public var credentials: [CredentialRecord]
    /// Sorted; nil as long as nobody has listed any: then each group is one that somebody names.
    public var groups: [String]?
    /// When staff last let somebody try again who had mistyped the password too often.
    public var unlocked: [String: Timestamp] = [:]
}

/// One change of the accounts; applied with its audit entry in one transaction.
public enum AccountChange: Sendable {
    case add(PersonRecord)
    /// Ends the person's sign-ins; API tokens too.
    case setPassword(username: String, hash: String)
    /// A stronger hash of the same password; ends no sign-in.
    case rehash(username: String, hash: String)
    case remove(username: String)
    case setRole(username: String, staff: Bool, viewerOnly: Bool)
    case join(username: String, group: String)
    case leave(username: String, group: String)
    /// The first one lists those as well that people or sessions belong to.
    case addGroup(String)
    case removeGroup(String)
    case grant(CredentialRecord)
    case prolong(hash: String, until: Timestamp)
    case revoke(hash: String)
    /// Forgets the wrong passwords of somebody, in whichever process counts them.
    case unlock(username: String, at: Timestamp)
    case revokeToken(username: String, name: String)
    case dropExpired(now: Timestamp)
}

extension RunStore {
    public func accounts() throws(StoreError) -> AccountTable {
        try reading { try AccountRows.read($0) }
    }

    /// One look-up: what a server asks every few seconds.
    public func accountsVersion() throws(StoreError) -> Int64 {
        try reading { try AccountRows.version($0) }
    }

    /// True when it changed a row. Adding a name that exists is refused.
    @discardableResult
    public func change(_ change: AccountChange, audit: AuditEntry? = nil) throws(StoreError) -> Bool {
        try writing { db in
            let isChanged = try AccountRows.apply(change, db)
            if let audit, isChanged { try AuditRows.insert(audit, db) }
            return isChanged
        }
    }
}

enum AccountRows {
    static func version(_ db: Database) throws -> Int64 {
        try db.number("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'accountsVersion'", [])
    }

    static func read(_ db: Database) throws -> AccountTable {
        var groups: [String: Set<String>] = [:]
        for row in try db.rows("SELECT username, \"group\" FROM memberships", []) { groups[row[0], default: []].insert(row[1]) }
        let people = try db.rows("SELECT username, password, staff, viewer_only, created FROM people ORDER BY username", [])
            .map { row in
                PersonRecord(
                    username: row[0], password: row[1], staff: row[2], viewerOnly: row[3], groups: groups[row[0]] ?? [],
                    createdAt: Timestamp(milliseconds: row[4]))
            }
        let credentials = try db.rows(
            "SELECT hash, username, kind, name, created, expires FROM credentials ORDER BY created, hash", []
        )
        .compactMap { credential($0) }
        let unlocked = try db.rows("SELECT substr(name, 10), CAST(value AS INTEGER) FROM meta WHERE name LIKE 'unlocked/%'", [])
            .map { row -> (String, Timestamp) in (row[0], Timestamp(milliseconds: row[1])) }
        return AccountTable(
            version: try version(db), people: people, credentials: credentials, groups: try GroupRows.read(db),
            unlocked: Dictionary(unlocked) { _, last in last })
    }

    private static func credential(_ row: Row) -> CredentialRecord? {
        guard let kind = CredentialRecord.Kind(rawValue: row[2]) else { return nil }
        let expires: Int64? = row[5]
        return CredentialRecord(
            hash: row[0], username: row[1], kind: kind, name: row[3], createdAt: Timestamp(milliseconds: row[4]),
            expiresAt: expires.map(Timestamp.init(milliseconds:)))
    }

    static func apply(_ change: AccountChange, _ db: Database) throws -> Bool {
        let isChanged = try write(change, db)
        // Other processes see the later expiry when they next read, which is soon enough.
        if case .prolong = change { return isChanged }
        if isChanged {
            try db.run(
                """
                INSERT INTO meta (name, value) VALUES ('accountsVersion', '1')
                ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1
                """, [])
        }
        return isChanged
    }

    private static func write(_ change: AccountChange, _ db: Database) throws -> Bool {
        switch change {
        case .add(let person):
            // Asked here, where no group can go meanwhile.
            if let listed = try GroupRows.read(db), person.groups.contains(where: { !$0.isEmpty && !listed.contains($0) }) {
                return false
            }
            try add(person, db)
        case .setPassword(let username, let hash):
            try db.run("DELETE FROM credentials WHERE username = ?", [username])
            try db.run("UPDATE people SET password = ? WHERE username = ?", [hash, username])
        case .rehash(let username, let hash): try db.run("UPDATE people SET password = ? WHERE username = ?", [hash, username])
        case .remove(let username):
            try keepStaff(without: username, db)
            try db.run("DELETE FROM people WHERE username = ?", [username])
        case .setRole(let username, let staff, let viewerOnly):
            if !staff || viewerOnly { try keepStaff(without: username, db) }
            try db.run("UPDATE people SET staff = ?, viewer_only = ? WHERE username = ?", [staff, viewerOnly, username])
        case .join, .leave, .addGroup, .removeGroup: return try GroupRows.apply(change, db)
        case .unlock(let username, let moment):
            try db.run(
                """
                INSERT INTO meta (name, value) SELECT 'unlocked/' || username, ? FROM people WHERE username = ?
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """, ["\(moment.milliseconds)", username])
        default: try writeCredential(change, db)
        }
        return db.changesCount > 0
    }

    /// Refused where a change would leave nobody who is staff. Asked in the change's own transaction: two people may take each other's role away.
    private static func keepStaff(without username: String, _ db: Database) throws {
        let staff = try db.rows("SELECT username FROM people WHERE staff AND NOT viewer_only", []).map { $0[0] as String }
        if staff == [username] { throw StoreError.lastStaff(username) }
    }

    private static func add(_ person: PersonRecord, _ db: Database) throws {
        if try db.number("SELECT 1 FROM people WHERE username = ? COLLATE NOCASE", [person.username]) == 1 {
            throw StoreError.idTaken(person.username)
        }
        try db.run(
            "INSERT INTO people (username, password, staff, viewer_only, created) VALUES (?, ?, ?, ?, ?)",
            [person.username, person.password, person.staff, person.viewerOnly, person.createdAt.milliseconds])
        for group in person.groups.sorted() where !group.isEmpty {
            try db.run("INSERT INTO memberships (username, \"group\") VALUES (?, ?)", [person.username, group])
        }
    }

    private static func writeCredential(_ change: AccountChange, _ db: Database) throws {
        switch change {
        case .grant(let credential):
            try db.run(
                "INSERT INTO credentials (hash, username, kind, name, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    credential.hash, credential.username, credential.kind.rawValue, credential.name,
                    credential.createdAt.milliseconds, credential.expiresAt?.milliseconds,
                ])
        case .prolong(let hash, let until):
            try db.run("UPDATE credentials SET expires = ? WHERE hash = ?", [until.milliseconds, hash])
        case .revoke(let hash): try db.run("DELETE FROM credentials WHERE hash = ?", [hash])
        case .revokeToken(let username, let name):
            try db.run("DELETE FROM credentials WHERE kind = 'token' AND username = ? AND name = ?", [username, name])
        case .dropExpired(let now): try db.run("DELETE FROM credentials WHERE expires <= ?", [now.milliseconds])
        default: break
        }
    }
}
