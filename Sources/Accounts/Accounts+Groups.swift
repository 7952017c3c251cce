import JSONText
import RunModel
import Store

// Roles and groups. Groups are whatever people and sessions name, until the facility lists its own: then no other is taken, so that a slip of
// the keyboard makes no group that nobody belongs to.
extension Accounts {
    /// Sorted; nil as long as nobody has listed any.
    public var groups: [String]? { memory.withLock { $0.groups } }

    /// From memory: may be asked where nothing may block.
    public func checkGroup(_ group: String) throws(AccountError) {
        if let groups, !groups.contains(group) { throw .noGroup(group, known: groups) }
    }

    /// Members by name, for each group that is listed or has any.
    public func members() -> [String: [String]] {
        var members = Dictionary(uniqueKeysWithValues: (groups ?? []).map { ($0, [String]()) })
        for person in people() { for group in person.groups { members[group, default: []].append(person.username) } }
        return members
    }

    public func addGroup(_ group: String, by author: AuditAuthor) async throws(AccountError) {
        try NameRule.check(group)
        let moment = now()
        try await queue.run { () throws(AccountError) in
            let audit = AuditEntry(at: moment, by: author, "addGroup", on: "group/\(group)")
            guard try self.write(.addGroup(group), audit) else { throw .groupTaken(group) }
        }
    }

    /// Its sessions stay, for staff and viewers.
    public func removeGroup(_ group: String, by author: AuditAuthor) async throws(AccountError) {
        let moment = now()
        try await queue.run { () throws(AccountError) in
            try self.reload()
            let audit = AuditEntry(at: moment, by: author, "removeGroup", on: "group/\(group)")
            if try self.write(.removeGroup(group), audit) { return }
            if let people = self.members()[group], !people.isEmpty { throw .groupHasMembers(group, people) }
            throw .noGroup(group, known: self.groups ?? [])
        }
    }

    public func join(_ group: String, _ username: String, by author: AuditAuthor) async throws(AccountError) {
        try NameRule.check(group)
        let moment = now()
        try await queue.run { () throws(AccountError) in
            try self.reload()
            try self.checkPerson(username)
            try self.checkGroup(group)
            let audit = AuditEntry(
                at: moment, by: author, "joinGroup", on: "person/\(username)", detail: ["group": .string(group)])
            // False also for somebody who is a member already.
            if !(try self.write(.join(username: username, group: group), audit)) { try self.checkGroup(group) }
        }
    }

    public func leave(_ group: String, _ username: String, by author: AuditAuthor) async throws(AccountError) {
        let moment = now()
        try await queue.run { () throws(AccountError) in
            try self.reload()
            try self.checkPerson(username)
            let audit = AuditEntry(
                at: moment, by: author, "leaveGroup", on: "person/\(username)", detail: ["group": .string(group)])
            guard try self.write(.leave(username: username, group: group), audit) else {
                throw .notInGroup(username, group: group)
            }
        }
    }

    /// Counts for sign-ins and tokens that there are, within two seconds.
    public func setRole(staff: Bool, viewerOnly: Bool, of username: String, by author: AuditAuthor) async throws(AccountError) {
        let moment = now()
        try await queue.run { () throws(AccountError) in
            try self.reload()
            try self.checkPerson(username)
            let role = Person(username: username, staff: staff, viewerOnly: viewerOnly).role
            let audit = AuditEntry(
                at: moment, by: author, "setRole", on: "person/\(username)", detail: ["role": .string(role)])
            _ = try self.write(.setRole(username: username, staff: staff, viewerOnly: viewerOnly), audit)
        }
    }

    private func checkPerson(_ username: String) throws(AccountError) {
        guard memory.withLock({ $0.people[username] }) != nil else { throw .unknown(username) }
    }
}
