import GRDB
import RunModel

extension RunStore {
    /// What is wrong with a store's file, a sentence each; empty when all is well. Nothing is written.
    public static func check(_ path: String) -> [String] {
        do {
            guard try StorePlace(path: path).isTaken() else { return ["There is no database at \(path) yet."] }
            let queue = try DatabaseQueue(path: path, configuration: StoreFile.lookingOnly)
            return try queue.read { try problems($0, path) }
        } catch {
            return [StoreError(error, path: path).explanation]
        }
    }

    private static func problems(_ db: Database, _ path: String) throws -> [String] {
        guard try Int.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID else {
            return [StoreError.foreign(path: path).explanation]
        }
        if try Schema.migrator.hasBeenSuperseded(db) { return [StoreError.newer(path: path).explanation] }
        let found = try String.fetchAll(db, sql: "PRAGMA quick_check(20)").filter { $0 != "ok" }
        guard found.isEmpty else { return found.map { StoreError.damaged(path: path, detail: $0).sentence } }
        if try !Schema.migrator.hasCompletedMigrations(db) {
            return ["\(path) was written by an older GridPilot; the server brings it up to date when it starts."]
        }
        return try gaps(db, path) + audit(db, path)
    }

    private static func audit(_ db: Database, _ path: String) throws -> [String] {
        try AuditCheck(db).problem.map { ["The audit log in \(path) is not what was written. \($0.sentence)"] } ?? []
    }

    /// Numbers tie the tables together: each topic's chain is whole, each status is a word we know.
    private static func gaps(_ db: Database, _ path: String) throws -> [String] {
        let broken = """
            SELECT count(*) FROM (
                SELECT previous, lag(seq, 1, 0) OVER (PARTITION BY topic ORDER BY seq) AS before FROM event_topics
            ) WHERE previous <> before
            """
        var problems: [String] = []
        let links = try Int.fetchOne(db, sql: broken) ?? 0
        if links > 0 { problems.append("\(path) lacks events: \(links) do not follow on from the one before.") }
        for row in try Row.fetchAll(db, sql: "SELECT id, status FROM sessions") {
            let status: String = row[1]
            guard SessionStatus(rawValue: status) == nil else { continue }
            problems.append("Session \(row[0] as String) has the status \(status), which GridPilot does not know.")
        }
        return problems
    }
}
