import Hashing
import JSONText
import RunModel
import Store

/// What a password may be.
public enum PasswordRule {
    static let lengths = 8...200

    /// For a new password; one that somebody has already is not asked. `isDemo`: whoever starts a demo chooses for everybody in it, and what they
    /// choose stands in their own start command.
    public static func check(_ password: String, of username: String, isDemo: Bool = false) throws(AccountError) {
        guard lengths.contains(password.unicodeScalars.count) else { throw .passwordLength }
        guard isDemo || !CommonPasswords.contains(password, of: username) else { throw .passwordCommon }
    }

    /// A longer text cannot be anyone's password; its end is not worth hashing.
    static func trimmed(_ password: String) -> String {
        password.unicodeScalars.count > lengths.upperBound ? "" : password
    }
}

/// What a user, group or token may be called. Groups become directories, so no name begins with a dot.
public enum NameRule {
    public static func allows(_ name: String) -> Bool {
        IdentifierText.isWellFormed(name) && name.first.map { $0.isLetter || $0.isNumber } == true
    }
    /// Of somebody who is to be added: nobody is to be taken for the program afterwards. Who has had such a name before keeps it.
    static func checkNew(_ name: String) throws(AccountError) {
        try check(name)
        guard name.lowercased() != "server" else { throw .reserved(name) }
    }
    static func check(_ name: String) throws(AccountError) {
        guard allows(name) else { throw .name(String(decoding: name.utf8.prefix(64), as: UTF8.self)) }
    }
}

// The work of `gridpilot user`, with or without a running server: that one takes changes in within two seconds.
extension Accounts {
    /// By name.
    public func people() -> [Person] {
        memory.withLock { $0.people.values.map(Person.init) }.sorted { $0.username < $1.username }
    }

    public func add(_ person: NewPerson, by author: AuditAuthor, isDemo: Bool = false) async throws(AccountError) {
        try NameRule.checkNew(person.username)
        for group in person.groups { try NameRule.check(group) }
        try PasswordRule.check(person.password, of: person.username, isDemo: isDemo)
        let moment = now()
        try await queue.run { () throws(AccountError) in
            try self.reload()
            // Nobody could tell two names apart that differ in their capitals alone.
            let alike = self.memory.withLock { $0.people.keys.filter { $0.lowercased() == person.username.lowercased() } }
            if let taken = alike.min() { throw .taken(taken) }
            for group in person.groups.sorted() { try self.checkGroup(group) }
            let record = PersonRecord(
                username: person.username, password: try self.hashed(person.password), staff: person.staff,
                viewerOnly: person.viewerOnly, groups: person.groups, createdAt: moment)
            let detail: [String: JSONValue] = [
                "role": .string(Person(record).role), "groups": .array(person.groups.sorted().map(JSONValue.string)),
            ]
            try self.insert(
                record, AuditEntry(at: moment, by: author, "addPerson", on: "person/\(person.username)", detail: detail))
        }
    }

    private func insert(_ record: PersonRecord, _ audit: AuditEntry) throws(AccountError) {
        do throws(AccountError) {
            // False where another process has just removed one of the groups.
            guard try write(.add(record), audit) else {
                for group in record.groups.sorted() { try checkGroup(group) }
                throw .noGroup(record.groups.sorted().joined(separator: ", "), known: [])
            }
        } catch {
            // Another process was faster.
            if case .store(.idTaken) = error { throw .taken(record.username) }
            throw error
        }
    }

    /// Ends every sign-in and token of this person.
    public func setPassword(
        _ password: String, of username: String, by author: AuditAuthor, isDemo: Bool = false
    ) async throws(AccountError) {
        try PasswordRule.check(password, of: username, isDemo: isDemo)
        let moment = now()
        try await queue.run { () throws(AccountError) in
            let hash = try self.hashed(password)
            let audit = AuditEntry(at: moment, by: author, "setPassword", on: "person/\(username)")
            guard try self.write(.setPassword(username: username, hash: hash), audit) else { throw .unknown(username) }
        }
    }

    /// Ends every sign-in and token of this person.
    public func remove(_ username: String, by author: AuditAuthor) async throws(AccountError) {
        let moment = now()
        try await queue.run { () throws(AccountError) in
            let audit = AuditEntry(at: moment, by: author, "removePerson", on: "person/\(username)")
            guard try self.write(.remove(username: username), audit) else { throw .unknown(username) }
        }
    }
}

// MARK: - API tokens

extension Accounts {
    /// Names of the tokens of a person.
    public func tokens(of username: String) -> [String] { memory.withLock { $0.tokens(of: username) }.map(\.name) }

    /// Returns the secret, which is not told again. It does not expire.
    public func addToken(named name: String, for username: String, by author: AuditAuthor) async throws(AccountError) -> String {
        try NameRule.check(name)
        let moment = now()
        return try await queue.run { () throws(AccountError) in
            try self.reload()
            guard self.memory.withLock({ $0.people[username] }) != nil else { throw .unknown(username) }
            guard !self.tokens(of: username).contains(name) else { throw .tokenTaken(name) }
            let secret = try Self.secret()
            let credential = CredentialRecord(
                hash: Secret.hash(secret), username: username, kind: .token, name: name, createdAt: moment, expiresAt: nil)
            let audit = AuditEntry(
                at: moment, by: author, "addToken", on: "person/\(username)", detail: ["name": .string(name)])
            _ = try self.write(.grant(credential), audit)
            return secret
        }
    }

    public func removeToken(named name: String, of username: String, by author: AuditAuthor) async throws(AccountError) {
        let moment = now()
        try await queue.run { () throws(AccountError) in
            let audit = AuditEntry(
                at: moment, by: author, "revokeToken", on: "person/\(username)", detail: ["name": .string(name)])
            guard try self.write(.revokeToken(username: username, name: name), audit) else {
                throw .noToken(name, of: username)
            }
        }
    }
}
