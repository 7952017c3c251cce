import Dispatch
import Foundation
import GRDB
import RunModel
import Testing

@testable import Store

/// What somebody with the file in hand can do to the log, and what is found out of it.
@Suite struct AuditChainTests {
    private let folder: Folder
    private let store: RunStore
    private let at = Timestamp(milliseconds: 1_795_377_600_000)

    init() throws {
        folder = try Folder()
        store = try RunStore.open(at: folder.file)
        for act in ["start", "stop", "forceStart", "forceKill", "removeLock"] {
            try store.append(audit: AuditEntry(at: at, by: .test, act, on: "session/s1", detail: ["reason": "a leak"]))
        }
    }

    /// Computed by another program, from the description of the form alone.
    @Test func `the hash of a record is what anybody computes from its fields`() {
        let row = AuditChain.Row(
            number: 1, at: 1_795_377_600_000, person: "ada", role: "staff", address: "10.0.0.1", act: "forceKill",
            subject: "session/s1", detail: "{\"reason\":\"Lüftung\"}", outcome: "refused", code: "session.nothingToKill",
            previous: AuditChain.beginning)
        #expect(row.ownHash == "b5693fb62809df4ad77f77afa4af46c3dbcdd68ec83e1539f4030d8b1a6c683d")
    }

    @Test func `each record has the hash of the one before it, and the last one is the head`() throws {
        let records = try store.audit(AuditFilter(isOldestFirst: true))
        #expect(records.map(\.number) == [1, 2, 3, 4, 5])
        #expect(records.map(\.previous) == [AuditChain.beginning] + records.dropLast().map(\.hash))
        let head = try #require(try store.auditHead())
        #expect(head == AuditHead(number: 5, hash: records[4].hash))
        #expect(AuditHead(text: head.text) == head)
        #expect(try store.checkAudit(against: head) == AuditCheck(count: 5, head: head, problem: nil))
    }

    @Test func `a look at the whole store sees a log that was changed`() throws {
        #expect(RunStore.check(folder.file).isEmpty)
        try tamper("UPDATE audit SET person = 'x' WHERE n = 3")
        #expect(
            RunStore.check(folder.file) == [
                "The audit log in \(folder.file) is not what was written. Record 3 does not say what it was written with."
            ])
    }

    @Test(arguments: ["audit", "people"])
    func `a trigger that is not the schema's own is found, and nothing is opened or restored over it`(
        table: String
    ) throws {
        let sql = "CREATE TRIGGER swallows BEFORE INSERT ON \(table) BEGIN SELECT RAISE(IGNORE); END"
        try tamper(sql, withGuards: true)
        let words = "trigger swallows"
        #expect(try store.checkAudit().problem?.sentence.contains(words) == true)
        #expect(RunStore.check(folder.file).contains { $0.contains(words) })
        try store.close()
        let problem = #expect(throws: StoreError.self) { try RunStore.open(at: folder.file) }
        #expect(problem?.code == "store.damaged" && problem?.sentence.contains(words) == true)
        #expect(throws: StoreError.self) { try RunStore.backUp(folder.file, to: folder.backup) }
        #expect(throws: StoreError.self) { try RunStore.restore(folder.file, at: "\(folder.path.path)/other.sqlite") }
    }

    @Test func `a look at the log goes on where it came to, and begins anew where that is gone`() throws {
        var walk = AuditWalk()
        #expect(try store.checkAudit(&walk, records: 3) == nil)
        #expect(try store.checkAudit(&walk, records: 3)?.count == 5)
        try store.append(audit: AuditEntry(at: at, by: .test, "stop", on: "session/s1"))
        // Found by a look from the beginning alone.
        try tamper("UPDATE audit SET person = 'x' WHERE n = 2")
        let on = try #require(try store.checkAudit(&walk))
        #expect(on.count == 6 && on.problem == nil)
        try tamper("DELETE FROM audit WHERE n = 6")
        let anew = try #require(try store.checkAudit(&walk))
        #expect(anew.count == 5 && anew.problem?.number == 2)
    }

    @Test(arguments: [
        "UPDATE audit SET person = 'nobody' WHERE n = 2", "DELETE FROM audit WHERE n = 5", "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT n, at, 'nobody', role, address, act, subject, detail, outcome, code, previous, hash FROM audit WHERE n = 2",
        "INSERT INTO audit SELECT 7, at, person, role, address, act, subject, detail, outcome, code, hash, 'x' FROM audit WHERE n = 5",
        "INSERT INTO audit SELECT 6, at, person, role, address, act, subject, detail, outcome, code, previous, hash FROM audit WHERE n = 5",
        "INSERT INTO audit (at, person, role, address, act, subject, detail, outcome, code, previous, hash) VALUES (1, '', '', '', '', '', '', '', '', '', '')",
    ])
    func `SQLite itself refuses to change the past`(sql: String) throws {
        #expect(throws: DatabaseError.self) { try tamper(sql, withGuards: true) }
        #expect(try store.checkAudit().problem == nil)
    }

    @Test(arguments: [
        "at = 1", "person = 'x'", "role = 'x'", "address = 'x'", "act = 'x'", "subject = 'x'", "detail = '{}'",
        "outcome = 'refused'", "code = 'x'",
    ])
    func `a changed field is found out, and where`(field: String) throws {
        try tamper("UPDATE audit SET \(field) WHERE n = 3")
        #expect(try store.checkAudit().problem == .init(number: 3, sentence: "Record 3 does not say what it was written with."))
    }

    @Test func `nothing can be moved from one field into the next`() throws {
        try tamper("UPDATE audit SET person = person || role, role = '' WHERE n = 3")
        #expect(try store.checkAudit().problem?.number == 3)
    }

    @Test func `a record that is gone is missed, and one that is put in does not fit`() throws {
        try tamper("DELETE FROM audit WHERE n = 3")
        #expect(try store.checkAudit().problem == .init(number: 3, sentence: "Record 3 is missing."))
        try tamper("UPDATE audit SET n = n - 1 WHERE n > 3")
        #expect(
            try store.checkAudit().problem == .init(number: 3, sentence: "Record 3 does not follow on from the one before it."))
    }

    @Test func `an end that was cut off is missed`() throws {
        try tamper("DELETE FROM audit WHERE n > 3")
        #expect(try store.checkAudit().problem == .init(number: 4, sentence: "Record 4 is missing, and all up to 5."))
    }

    @Test func `an end that was cut off is still missed once the log has gone on`() throws {
        let head = try #require(try store.auditHead())
        try tamper("DELETE FROM audit WHERE n > 3")
        try store.append(audit: AuditEntry(at: at, by: .test, "stop", on: "session/s1"))
        #expect(try store.audit().map(\.entry.act) == ["stop", AuditChain.breakAct, "forceStart", "stop", "start"])
        #expect(try store.audit()[1].entry.detail["written"]?.text == head.text)
        #expect(try store.checkAudit().problem?.number == 4)
    }

    /// Whoever can write to the file and knows this program can write a chain of their own. Only what was kept elsewhere tells.
    @Test func `a log that was written anew is found out by a head that was kept`() throws {
        let head = try #require(try store.auditHead())
        try tamper("DELETE FROM audit; DELETE FROM meta WHERE name = 'auditHead'")
        for act in ["start", "stop"] { try store.append(audit: AuditEntry(at: at, by: .test, act, on: "session/s1")) }
        #expect(try store.checkAudit().problem == nil)
        #expect(try store.checkAudit(against: head).problem?.number == 5)
        for act in ["start", "stop", "start"] { try store.append(audit: AuditEntry(at: at, by: .test, act, on: "session/s1")) }
        #expect(
            try store.checkAudit(against: head).problem
                == .init(number: 5, sentence: "Record 5 is another one than when its hash was kept."))
    }

    @Test(arguments: ["audit_unchanged", "audit_kept", "audit_in_order"])
    func `a guard that was taken out is missed`(guarding: String) throws {
        try tamper("DROP TRIGGER \(guarding)", withGuards: true)
        #expect(try store.checkAudit().problem?.sentence.hasSuffix("was taken out of the store.") == true)
    }

    @Test func `two programs that write at once make one chain`() throws {
        let other = try RunStore.open(at: folder.file)
        DispatchQueue.concurrentPerform(iterations: 40) { [store, at] index in
            let entry = AuditEntry(at: at, by: .test, "stop", on: "session/s\(index)")
            do { try (index.isMultiple(of: 2) ? store : other).append(audit: entry) } catch { Issue.record(error) }
        }
        let check = try store.checkAudit()
        #expect(check.count == 45 && check.problem == nil)
    }

    @Test(arguments: [
        "", "5", "5:", "0:\(String(repeating: "a", count: 64))", "5:\(String(repeating: "g", count: 64))", "5:ab:cd", "x:y",
    ])
    func `a text that is no head is none`(text: String) { #expect(AuditHead(text: text) == nil) }

    /// As by a program that takes the guards away, and puts them back so that nobody sees it.
    private func tamper(_ sql: String, withGuards: Bool = false) throws {
        let queue = try DatabaseQueue(path: folder.file)
        try queue.write { db in
            if withGuards { return try db.execute(sql: sql) }
            for name in ["audit_unchanged", "audit_kept", "audit_in_order"] { try db.execute(sql: "DROP TRIGGER \(name)") }
            try db.execute(sql: sql)
            for trigger in AuditSchema.guards { try db.execute(sql: trigger.sql) }
        }
    }
}
