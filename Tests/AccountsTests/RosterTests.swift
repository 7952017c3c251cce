import RunModel
import Store
import Testing

@testable import Accounts

@Suite struct RosterTests {
    private let store: RunStore
    private let accounts: Accounts
    private let clock = TestMoment()

    init() async throws {
        store = try RunStore.inMemory()
        accounts = try Accounts(store: store, cost: .least, now: clock.now, uptime: clock.uptime)
        try await accounts.add(NewPerson(username: "head", password: "right password", staff: true), by: .test)
        try await accounts.add(NewPerson(username: "operator", password: "right password", groups: ["demo"]), by: .test)
    }

    @Test func `the roster tells roles, groups, sign-ins and the names of tokens`() async throws {
        clock.advance(60)
        let signIn = try await accounts.signIn(username: "operator", password: "right password", address: "10.0.0.1")
        _ = try await accounts.addToken(named: "script", for: "operator", by: .test)
        let roster = try await accounts.roster()
        #expect(roster.map(\.person.username) == ["head", "operator"])
        #expect(roster.map(\.person.role) == ["staff", "member"])
        #expect(roster.map(\.lastSignIn) == [nil, clock.now()])
        #expect(roster.map(\.signIns) == [0, 1])
        #expect(roster[1].tokens == [.init(name: "script", createdAt: clock.now())])
        try await accounts.signOut(token: signIn.token, from: "10.0.0.1")
        let later = try await accounts.roster()
        #expect(later[1].signIns == 0 && later[1].lastSignIn == clock.now())
    }

    @Test func `the last member of staff keeps the role and the account`() async throws {
        await #expect(throws: AccountError.lastStaff("head")) { try await accounts.remove("head", by: .test) }
        for viewerOnly in [true, false] {
            await #expect(throws: AccountError.lastStaff("head")) {
                try await accounts.setRole(staff: false, viewerOnly: viewerOnly, of: "head", by: .test)
            }
        }
        #expect(try store.audit().allSatisfy { $0.entry.act == "addPerson" })
        try await accounts.setRole(staff: true, viewerOnly: false, of: "operator", by: .test)
        try await accounts.remove("head", by: .test)
        await #expect(throws: AccountError.lastStaff("operator")) { try await accounts.remove("operator", by: .test) }
    }

    @Test func `a token that is not there is said so`() async throws {
        await #expect(throws: AccountError.noToken("script", of: "operator")) {
            try await accounts.removeToken(named: "script", of: "operator", by: .test)
        }
    }
}

extension AuditAuthor {
    static let test = AuditAuthor(person: "test", role: "terminal", address: "command line")
}
