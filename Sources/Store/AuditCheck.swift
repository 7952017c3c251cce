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
        var walk = AuditWalk()
        while true {
            if let check = try checkAudit(&walk, against: kept) { return check }
        }
    }

    /// Goes on with a look at the log; nil as long as there is more. In pieces, so that no reader keeps SQLite from tidying up for minutes.
    public func checkAudit(
        _ walk: inout AuditWalk, against kept: AuditHead? = nil, records: Int = 20_000
    ) throws(StoreError) -> AuditCheck? {
        let check: AuditCheck?
        (walk, check) = try reading { [walk] db in
            var walk = walk
            guard try walk.goOn(db, records: records) else { return (walk, nil) }
            return (walk, try walk.check(against: kept, db))
        }
        return check
    }

    /// The last record's number and hash; nil for an empty log.
    public func auditHead() throws(StoreError) -> AuditHead? { try reading { try AuditRows.head($0) } }
}

extension AuditCheck {
    /// All at one moment, where nobody is kept waiting.
    init(_ db: Database) throws {
        var walk = AuditWalk()
        _ = try walk.goOn(db, records: .max)
        self = try walk.check(against: nil, db)
    }
}

/// One look at every row, in order, as far as it has come.
public struct AuditWalk: Sendable {
    fileprivate private(set) var count: Int64 = 0
    fileprivate private(set) var head: AuditHead?
    fileprivate private(set) var problem: AuditCheck.Problem?

    public init() {}

    /// True at the end of the log.
    fileprivate mutating func goOn(_ db: Database, records: Int) throws -> Bool {
        // From the beginning, where what it came to is no longer there.
        if let head, try db.text("SELECT hash FROM audit WHERE n = ?", [head.number]) != head.hash { self = AuditWalk() }
        let sql = "SELECT \(AuditChain.columns) FROM audit WHERE n > ? ORDER BY n LIMIT ?"
        let rows = try Row.fetchCursor(db, sql: sql, arguments: [head?.number ?? .min, records])
        var left = records
        while let row = try rows.next() {
            let row = AuditChain.Row(row)
            count += 1
            if problem == nil { problem = find(in: row) }
            head = AuditHead(number: row.number, hash: row.hash)
            left -= 1
        }
        return left > 0
    }

    /// At the end of the log.
    fileprivate func check(against kept: AuditHead?, _ db: Database) throws -> AuditCheck {
        let problem =
            try problem ?? Self.problem(ofEnd: head, db) ?? Self.problem(of: kept, head, db) ?? Self.problem(ofGuards: db)
        return AuditCheck(count: count, head: head, problem: problem)
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
    private static func problem(ofEnd head: AuditHead?, _ db: Database) throws -> AuditCheck.Problem? {
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

    private static func problem(of kept: AuditHead?, _ head: AuditHead?, _ db: Database) throws -> AuditCheck.Problem? {
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
    private static func problem(ofGuards db: Database) throws -> AuditCheck.Problem? {
        let found = try db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'", [])
        let texts = Set(found.map { $0[1] as String })
        if let name = try AuditSchema.foreignTrigger(db) {
            return .init(
                number: nil,
                sentence: "The store has a trigger \(ForeignText.line(name, longest: 100)), which is not GridPilot's.")
        }
        guard let missing = AuditSchema.guards.first(where: { !texts.contains($0.sql) }) else { return nil }
        return .init(number: nil, sentence: "What keeps records from being \(missing.against) was taken out of the store.")
    }
}
