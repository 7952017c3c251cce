import RunModel
import Store

/// Somebody who is signed in.
public struct Person: Hashable, Sendable {
    public var username: String
    public var staff: Bool
    /// Watches and never controls, even as a member of a group.
    public var viewerOnly: Bool
    public var groups: Set<String>

    public init(username: String, staff: Bool = false, viewerOnly: Bool = false, groups: Set<String> = []) {
        self.username = username
        self.staff = staff
        self.viewerOnly = viewerOnly
        self.groups = groups
    }

    /// In one word: `staff`, `member` or `viewer`, whatever the groups.
    public var role: String { viewerOnly ? "viewer" : staff ? "staff" : "member" }

    init(_ record: PersonRecord) {
        self.init(username: record.username, staff: record.staff, viewerOnly: record.viewerOnly, groups: record.groups)
    }
}

extension AuditAuthor {
    public init(_ person: Person, at address: String) {
        self.init(person: person.username, role: person.role, address: address)
    }
}

/// What signing in gives: the secret for the cookie, told once and stored only as a hash.
public struct SignIn: Hashable, Sendable {
    public var token: String
    public var person: Person
    /// When it ends at the latest.
    public var expiresAt: Timestamp
    /// Secrets by which this browser is known again, of this person and of others who signed in there. They let nobody in: only wrong
    /// passwords from elsewhere do not count here.
    public var devices: [String]
}

/// What is made for the command line and for scripts.
public struct NewPerson: Hashable, Sendable {
    public var username: String
    public var password: String
    public var staff: Bool
    public var viewerOnly: Bool
    public var groups: Set<String>

    public init(username: String, password: String, staff: Bool = false, viewerOnly: Bool = false, groups: Set<String> = []) {
        self.username = username
        self.password = password
        self.staff = staff
        self.viewerOnly = viewerOnly
        self.groups = groups
    }
}
