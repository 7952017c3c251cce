import JSONText
import RunModel
import Testing

@testable import Store

@Suite struct AuditLogTests {
    private let at = Timestamp(milliseconds: 1_795_377_600_000)

    @Test func `it is read newest first, in pages by number`() throws {
        let store = try RunStore.inMemory()
        for act in ["start", "stop", "forceKill"] { try store.append(audit: entry(act)) }
        #expect(try store.audit().map(\.entry) == ["forceKill", "stop", "start"].map { entry($0) })
        #expect(try store.audit(limit: 2).map(\.number) == [3, 2])
        #expect(try store.audit(AuditFilter(after: 2)).map(\.number) == [1])
        #expect(try store.audit(AuditFilter(after: 1, isOldestFirst: true)).map(\.number) == [2, 3])
    }

    @Test func `it is asked by person, act, session and moment`() throws {
        let store = try RunStore.inMemory()
        try store.append(audit: entry("start"))
        try store.append(audit: entry("start", on: "session/s2"))
        try store.append(audit: entry("stop", by: AuditAuthor(person: "ada", role: "staff", address: "10.0.0.1")))
        try store.append(audit: entry("stop", after: 60))
        func numbers(_ filter: AuditFilter) throws -> [Int64] { try store.audit(filter).map(\.number) }
        #expect(try numbers(AuditFilter(person: "ada")) == [3])
        #expect(try numbers(AuditFilter(act: "start")) == [2, 1])
        #expect(try numbers(AuditFilter(session: "s2")) == [2])
        #expect(try numbers(AuditFilter(since: at.advanced(bySeconds: 1))) == [4])
        #expect(try numbers(AuditFilter(person: "test", act: "stop", session: "s1", since: at, after: 9)) == [4])
        #expect(try numbers(AuditFilter(session: "s")) == [])
    }

    @Test func `an entry is one line, whatever somebody typed`() throws {
        let store = try RunStore.inMemory()
        let typed = "ada\n2026-11-29 staff\u{2028}\u{202E}forceKill\u{1B}[2J\u{7}"
        try store.append(
            audit: AuditEntry(
                at: at, by: AuditAuthor(person: typed, role: typed, address: typed), typed, on: typed,
                detail: ["reason": .string(typed)]))
        let entry = try #require(try store.audit().first).entry
        for text in [entry.author.person, entry.author.role, entry.author.address, entry.act, entry.subject] {
            #expect(text == "ada\u{FFFD}2026-11-29 staff\u{FFFD}\u{FFFD}forceKill\u{FFFD}[2J\u{FFFD}")
        }
        #expect(AuditEntry.line(String(repeating: "x", count: 500)).count == 200)
        #expect(AuditEntry.line("Überprüfung: Kühlung 冷却 ✓") == "Überprüfung: Kühlung 冷却 ✓")
    }

    @Test func `the last sign-in of each person is found`() throws {
        let store = try RunStore.inMemory()
        let ada = AuditAuthor(person: "ada", role: "staff", address: "10.0.0.1")
        try store.append(audit: entry("signIn", by: ada))
        try store.append(audit: entry("signIn", by: ada, after: 5))
        try store.append(
            audit: AuditEntry(at: at.advanced(bySeconds: 9), by: ada, "signIn", on: "", outcome: .refused(code: "account.wrong")))
        #expect(try store.lastSignIns() == ["ada": at.advanced(bySeconds: 5)])
    }

    private func entry(
        _ act: String, on subject: String = "session/s1", by author: AuditAuthor = .test, after seconds: Double = 0
    ) -> AuditEntry {
        AuditEntry(at: at.advanced(bySeconds: seconds), by: author, act, on: subject)
    }
}

extension AuditAuthor {
    static let test = AuditAuthor(person: "test", role: "terminal", address: "command line")
}
