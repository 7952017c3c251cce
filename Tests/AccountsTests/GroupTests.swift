import RunModel
import Store
import Testing

@testable import Accounts

@Suite struct GroupTests {
    private let store: RunStore
    private let accounts: Accounts

    init() async throws {
        store = try RunStore.inMemory()
        accounts = try Accounts(store: store, cost: .least, now: { Timestamp(milliseconds: 1_795_377_600_000) })
        try await accounts.add(NewPerson(username: "operator", password: "right password", groups: ["structure"]), by: .test)
    }

    @Test func `groups are whatever somebody names until the first is listed, which takes in those that there are`() async throws
    {
        #expect(accounts.groups == nil)
        try accounts.checkGroup("anything")
        try await accounts.addGroup("imaging", by: .test)
        #expect(accounts.groups == ["imaging", "structure"])
        let refusal = AccountError.noGroup("imagng", known: ["imaging", "structure"])
        #expect(refusal.sentence == "There is no group imagng; there are imaging, structure.")
        #expect(throws: refusal) { try accounts.checkGroup("imagng") }
        await #expect(throws: refusal) { try await accounts.join("imagng", "operator", by: .test) }
        await #expect(throws: refusal) {
            try await accounts.add(NewPerson(username: "new", password: "right password", groups: ["imagng"]), by: .test)
        }
        #expect(accounts.people().map(\.username) == ["operator"])
    }

    @Test func `somebody joins and leaves a group, and it is written down`() async throws {
        try await accounts.join("imaging", "operator", by: .test)
        #expect(accounts.people().first?.groups == ["imaging", "structure"])
        try await accounts.leave("structure", "operator", by: .test)
        #expect(accounts.members() == ["imaging": ["operator"]])
        await #expect(throws: AccountError.notInGroup("operator", group: "structure")) {
            try await accounts.leave("structure", "operator", by: .test)
        }
        await #expect(throws: AccountError.unknown("nobody")) { try await accounts.join("imaging", "nobody", by: .test) }
        #expect(try store.audit().prefix(2).map(\.entry.act) == ["leaveGroup", "joinGroup"])
    }

    @Test func `a group with members stays, and an empty one can be removed`() async throws {
        try await accounts.addGroup("imaging", by: .test)
        await #expect(throws: AccountError.groupTaken("imaging")) { try await accounts.addGroup("imaging", by: .test) }
        await #expect(throws: AccountError.groupHasMembers("structure", ["operator"])) {
            try await accounts.removeGroup("structure", by: .test)
        }
        try await accounts.removeGroup("imaging", by: .test)
        #expect(accounts.groups == ["structure"])
        await #expect(throws: AccountError.noGroup("imaging", known: ["structure"])) {
            try await accounts.removeGroup("imaging", by: .test)
        }
    }

    @Test func `without the last listed group there is no list, as before the first`() async throws {
        try await accounts.leave("structure", "operator", by: .test)
        try await accounts.addGroup("imaging", by: .test)
        try await accounts.removeGroup("imaging", by: .test)
        #expect(accounts.groups == nil)
        try await accounts.join("anything", "operator", by: .test)
        #expect(accounts.people().first?.groups == ["anything"])
    }

    @Test func `nobody joins a group that another process has just removed, and no group goes that somebody has just joined`()
        async throws
    {
        try await accounts.addGroup("imaging", by: .test)
        // What another process does between the question and the change shows only in the change itself.
        let entry = AuditEntry(at: Timestamp(milliseconds: 0), by: .test, "joinGroup", on: "person/operator")
        #expect(try store.change(.join(username: "operator", group: "unlisted"), audit: entry) == false)
        #expect(try store.change(.removeGroup("structure"), audit: entry) == false)
        let new = PersonRecord(
            username: "new", password: "", staff: false, viewerOnly: false, groups: ["unlisted"], createdAt: entry.at)
        #expect(try store.change(.add(new), audit: entry) == false)
        #expect(try store.accounts().people.map(\.username) == ["operator"])
        #expect(accounts.members() == ["imaging": [], "structure": ["operator"]])
    }

    @Test func `a changed role counts for whoever is signed in, in another process after its next look`() async throws {
        let server = try Accounts(store: store, cost: .least, now: { Timestamp(milliseconds: 1_795_377_600_000) })
        let signIn = try await server.signIn(username: "operator", password: "right password", address: "10.0.0.1")
        try await accounts.add(NewPerson(username: "head", password: "right password", staff: true), by: .test)
        try await accounts.setRole(staff: true, viewerOnly: false, of: "operator", by: .test)
        try await server.refresh()
        #expect(server.person(forToken: signIn.token)?.staff == true)
        try await accounts.setRole(staff: false, viewerOnly: true, of: "operator", by: .test)
        try await server.refresh()
        #expect(server.person(forToken: signIn.token)?.viewerOnly == true)
        #expect(try store.audit().first?.entry.detail == ["role": "viewer"])
    }
}
