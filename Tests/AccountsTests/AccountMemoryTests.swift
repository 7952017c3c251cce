import RunModel
import Testing

@testable import Accounts
@testable import Store

@Suite struct AccountMemoryTests {
    private static let moment = Timestamp(milliseconds: 1_795_377_600_000)
    private static let signIn = CredentialRecord(
        hash: "sign-in", username: "operator", kind: .signIn, name: "10.0.0.1", createdAt: moment,
        expiresAt: moment.advanced(bySeconds: 3600))

    private static func table(_ password: String?) -> AccountTable {
        let people = password.map { password in
            [
                PersonRecord(
                    username: "operator", password: password, staff: false, viewerOnly: false, groups: [], createdAt: moment)
            ]
        }
        return AccountTable(version: 1, people: people ?? [], credentials: [])
    }

    private static func memory(thenTold table: AccountTable) -> AccountMemory {
        var memory = AccountMemory()
        memory.load(Self.table("old hash"))
        memory.keep(signIn, AuditEntry(at: moment, by: .test, "signIn", on: "person/operator"))
        memory.load(table)
        return memory
    }

    @Test func `a sign-in that a full disk did not take counts on`() {
        var memory = Self.memory(thenTold: Self.table("old hash"))
        #expect(memory.person(forHash: "sign-in", at: Self.moment) != nil)
        #expect(memory.unwritten.count == 1)
    }

    @Test(arguments: ["new hash", nil]) func `a new password ends it, and so does the end of the account`(password: String?) {
        var memory = Self.memory(thenTold: Self.table(password))
        #expect(memory.person(forHash: "sign-in", at: Self.moment) == nil)
        #expect(memory.unwritten.isEmpty)
    }
}
