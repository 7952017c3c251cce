import JSONText
import RunModel

/// Somebody who acts, as what, and from where.
public struct AuditAuthor: Hashable, Sendable {
    public var person: String
    /// `staff`, `member`, `viewer`; `terminal` for whoever works at the server's own command line. Empty where it was not written down.
    public var role: String
    public var address: String

    public init(person: String, role: String, address: String) {
        self.person = person
        self.role = role
        self.address = address
    }
}

/// What became of an act.
public enum AuditOutcome: Hashable, Sendable {
    /// Written down before it is done, so that it is known even when the server dies over it. A second entry says what became of it.
    case asked
    case taken
    /// With the code of the problem that was answered.
    case refused(code: String)

    public var word: String {
        switch self {
        case .asked: "asked"
        case .taken: "taken"
        case .refused: "refused"
        }
    }
    public var code: String { if case .refused(let code) = self { code } else { "" } }

    init(word: String, code: String) {
        self = word == "taken" ? .taken : word == "asked" ? .asked : .refused(code: code)
    }
}

/// Who did what to what, and what became of it.
public struct AuditEntry: Hashable, Sendable {
    public var at: Timestamp
    public var author: AuditAuthor
    /// `stop`, `forceKill`, `setRole`…
    public var act: String
    /// What it was done to: `session/ID`, `microscope/ID`, `person/NAME`, `group/NAME`. Empty for the facility as a whole.
    public var subject: String
    /// Whatever else is worth knowing: never a password or a token.
    public var detail: [String: JSONValue]
    public var outcome: AuditOutcome

    /// Control characters and line breaks are replaced, and what is too long is cut: an entry is one line wherever it is shown.
    public init(
        at: Timestamp, by author: AuditAuthor, _ act: String, on subject: String, detail: [String: JSONValue] = [:],
        outcome: AuditOutcome = .taken
    ) {
        self.at = at
        self.author = AuditAuthor(
            person: Self.line(author.person), role: Self.line(author.role), address: Self.line(author.address))
        self.act = Self.line(act)
        self.subject = Self.line(subject)
        self.detail = detail
        self.outcome = outcome
    }

    /// One line of text that every terminal shows in the order in which it is written.
    public static func line(_ text: String, longest: Int = 200) -> String { ForeignText.line(text, longest: longest) }
}

/// An entry as it stands in the log.
public struct AuditRecord: Hashable, Sendable {
    /// 1, 2, 3, without a gap.
    public var number: Int64
    public var entry: AuditEntry
    /// The hash of the record before it.
    public var previous: String
    public var hash: String
}

/// Which records are asked for. What is nil is not asked about.
public struct AuditFilter: Hashable, Sendable {
    public var person: String?
    public var act: String?
    public var session: SessionID?
    public var since: Timestamp?
    /// The number to go on after, in whichever order.
    public var after: Int64?
    public var isOldestFirst = false

    public init(
        person: String? = nil, act: String? = nil, session: SessionID? = nil, since: Timestamp? = nil, after: Int64? = nil,
        isOldestFirst: Bool = false
    ) {
        self.person = person
        self.act = act
        self.session = session
        self.since = since
        self.after = after
        self.isOldestFirst = isOldestFirst
    }
}

extension RunStore {
    public func append(audit entry: AuditEntry) throws(StoreError) {
        try append(audit: [entry])
    }

    /// All of them or none.
    public func append(audit entries: [AuditEntry]) throws(StoreError) {
        try writing { db in
            for entry in entries { try AuditRows.insert(entry, db) }
        }
    }

    /// Newest first, where nothing else is asked.
    public func audit(_ filter: AuditFilter = AuditFilter(), limit: Int = 100) throws(StoreError) -> [AuditRecord] {
        try reading { try AuditRows.read(filter, limit: limit, $0) }
    }

    /// When each person last signed in.
    public func lastSignIns() throws(StoreError) -> [String: Timestamp] {
        try reading { db in
            let rows = try db.rows(
                "SELECT person, max(at) FROM audit WHERE act = 'signIn' AND outcome = 'taken' GROUP BY person", [])
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], Timestamp(milliseconds: $0[1])) })
        }
    }
}
