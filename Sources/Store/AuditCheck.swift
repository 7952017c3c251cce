import GRDB
import RunModel

/// Whether the audit log is what was written.
public struct AuditCheck: Hashable, Sendable {
    public struct Problem: Hashable, Sendable {
        /// The first record that is not as it was written, or the first that is missing. Nil for what belongs to none.
        public var number: Int64?
        public var sentence: String
    }
    public var count: Int64
    /// Nil for an empty log.
    public var head: AuditHead?
    /// The first that was found; nil when the chain is whole.
    public var problem: Problem?
}

extension RunStore {
    /// Reads the whole log, a second or so for each hundred thousand records. `kept` is a head that was written down elsewhere.
    public func checkAudit(against kept: AuditHead? = nil) throws(StoreError) -> AuditCheck {
        try reading { db in
            let walk = try AuditWalk(db)
            let problem =
                try walk.problem ?? AuditWalk.problem(ofEnd: walk.head, db) ?? AuditWalk.problem(of: kept, walk.head, db)
            return AuditCheck(count: walk.count, head: walk.head, problem: try problem ?? AuditWalk.problem(ofGuards: db))
        }
    }

    /// The last record's number and hash; nil for an empty log.
    public func auditHead() throws(StoreError) -> AuditHead? { try reading { try AuditRows.head($0) } }
}

/// One look at every row, in order.
private struct AuditWalk {
    private(set) var count: Int64 = 0
    private(set) var head: AuditHead?
    private(set) var problem: AuditCheck.Problem?

    init(_ db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT \(AuditChain.columns) FROM audit ORDER BY n")
        while let row = try rows.next() {
            let row = AuditChain.Row(row)
            count += 1
            if problem == nil { problem = find(in: row) }
            head = AuditHead(number: row.number, hash: row.hash)
        }
    }

    private func find(in row: AuditChain.Row) -> AuditCheck.Problem? {
        let number = row.number
        func problem(_ sentence: String, at number: Int64) -> AuditCheck.Problem { .init(number: number, sentence: sentence) }
        let expected = (head?.number ?? 0) + 1
        guard number == expected else { return problem("Record \(expected) is missing.", at: expected) }
        guard row.previous == head?.hash ?? AuditChain.beginning else {
            return problem("Record \(number) does not follow on from the one before it.", at: number)
        }
        guard row.hash == row.ownHash else {
            return problem("Record \(number) does not say what it was written with.", at: number)
        }
        guard row.act != AuditChain.breakAct else {
            return problem("The end of the log was another one when record \(number) was written.", at: number)
        }
        return nil
    }

    /// The log against what the store remembers of its end.
    static func problem(ofEnd head: AuditHead?, _ db: Database) throws -> AuditCheck.Problem? {
        let text = try db.text("SELECT value FROM meta WHERE name = 'auditHead'", [])
        guard text != head?.text else { return nil }
        guard let written = text.flatMap(AuditHead.init(text:)) else {
            return .init(number: nil, sentence: "The store does not remember the end of the log.")
        }
        let missing = (head?.number ?? 0) + 1
        guard missing <= written.number else {
            return .init(number: written.number + 1, sentence: "Record \(written.number + 1) was not written by GridPilot.")
        }
        return .init(number: missing, sentence: "Record \(missing) is missing, and all up to \(written.number).")
    }

    static func problem(of kept: AuditHead?, _ head: AuditHead?, _ db: Database) throws -> AuditCheck.Problem? {
        guard let kept else { return nil }
        let hash = try db.text("SELECT hash FROM audit WHERE n = ?", [kept.number])
        guard hash != kept.hash else { return nil }
        let sentence =
            hash == nil
            ? "The log has no record \(kept.number): its end was cut off, or this store was restored from an older backup."
            : "Record \(kept.number) is another one than when its hash was kept."
        return .init(number: kept.number, sentence: sentence)
    }

    /// Without the triggers rows could have been changed and computed anew.
    static func problem(ofGuards db: Database) throws -> AuditCheck.Problem? {
        let found = try db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'", [])
        let texts = Set(found.map { $0[1] as String })
        guard let missing = AuditSchema.guards.first(where: { !texts.contains($0.sql) }) else { return nil }
        return .init(number: nil, sentence: "What keeps records from being \(missing.against) was taken out of the store.")
    }
}
