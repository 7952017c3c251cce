import Accounts
import Testing

@Suite struct PermissionTests {
    private static let people: [(Person, Role)] = [
        (Person(username: "s", staff: true), .staff),
        (Person(username: "sm", staff: true, groups: ["structure"]), .staff),
        (Person(username: "m", groups: ["structure"]), .member),
        (Person(username: "v", viewerOnly: true), .viewer),
        (Person(username: "vm", viewerOnly: true, groups: ["structure"]), .viewer),
        (Person(username: "vs", staff: true, viewerOnly: true), .viewer),
        (Person(username: "o", groups: ["other"]), .stranger),
        (Person(username: "n"), .stranger),
    ]

    @Test func `who somebody is to a group follows from the account`() {
        for (person, role) in Self.people { #expect(Role(of: person, in: "structure") == role, "\(person.username)") }
        #expect(Role(of: Person(username: "m", groups: ["structure"]), in: nil) == .stranger)
    }

    /// Columns: staff, member, viewer, stranger.
    @Test(arguments: [
        (Act.watchFacility, [true, true, true, true]),
        (.readMetrics, [true, true, true, true]),
        (.readSession, [true, true, true, false]),
        (.controlSession, [true, true, false, false]),
        (.createSession, [true, true, false, false]),
        (.staffAct, [true, false, false, false]),
        (.readAudit, [true, true, false, false]),
        (.managePeople, [true, false, false, false]),
    ])
    func `the whole table of permissions`(act: Act, allowed: [Bool]) {
        #expect(Role.allCases.map { Permission.allows(act, role: $0) } == allowed)
        for (person, role) in Self.people {
            #expect(Permission.allows(act, person: person, group: "structure") == Permission.allows(act, role: role))
        }
    }

    @Test func `the table of the test names every act`() { #expect(Act.allCases.count == 8) }

    @Test func `people who only watch never control, even as members`() {
        let watcher = Person(username: "v", viewerOnly: true, groups: ["structure"])
        #expect(throws: AccountError.watchOnly(group: "structure")) {
            try Permission.require(.controlSession, person: watcher, group: "structure")
        }
    }

    @Test func `a refusal says who may`() {
        let stranger = Person(username: "o")
        #expect(throws: AccountError.staffOnly) { try Permission.require(.staffAct, person: stranger, group: nil) }
        #expect(throws: AccountError.notYours) { try Permission.require(.readSession, person: stranger, group: "structure") }
        #expect(throws: AccountError.notYours) { try Permission.require(.readAudit, person: stranger, group: "structure") }
        let member = Person(username: "m", groups: ["structure"])
        #expect(throws: AccountError.staffOnly) { try Permission.require(.readAudit, person: member, group: nil) }
        let viewer = Person(username: "v", viewerOnly: true)
        #expect(throws: AccountError.membersOnly(group: "structure")) {
            try Permission.require(.readAudit, person: viewer, group: "structure")
        }
    }
}
