import Accounts
import JSONText
import RunModel
import Store
import WebServer

// Who did what. Staff read all of it; members what was done to the sessions of their groups. Nobody writes here, and nothing can be taken away:
// see `AuditChain`.
//
// Where somebody did it from is told to staff alone: people's addresses are no business of their colleagues.
extension RouteTable {
    static func audit(_ services: Services) -> [Route] {
        [
            Route(
                // `order=oldest` is for programs that fetch what is new: they go on after the last number they have.
                method: "GET", path: "/api/audit", access: .someGroup(.readAudit),
                summary: "Who did what, newest first. Without a session for staff alone.",
                query: ["after", "limit", "person", "act", "session", "order"]
            ) { call, _ async throws(Problem) in try await list(call, services) },
            Route(
                method: "GET", path: "/api/audit/check", access: .act(.readAudit),
                summary: "Whether the audit log is as it was written."
            ) { call, _ async throws(Problem) in
                let check = try await services.auditChecks.check()
                return .value([
                    "whole": .bool(check.problem == nil), "count": .integer(Int(check.count)),
                    "head": check.head.map { .string($0.text) } ?? .null,
                    "problem": check.problem.map { problem in
                        ["number": problem.number.map { .integer(Int($0)) } ?? .null, "sentence": .string(problem.sentence)]
                    } ?? .null,
                ])
            },
        ]
    }

    private static func list(_ call: Call, _ services: Services) async throws(Problem) -> HTTPResponse {
        let limit = Int(try call.number("limit", 1...1000, else: 100))
        let filter = try await filter(call, services)
        let records = try await services.reading { store throws(StoreError) in try store.audit(filter, limit: limit + 1) }
        let isStaff = Permission.allows(.readAudit, person: call.person, group: nil)
        let next: JSONValue = records.count > limit ? .integer(Int(records[limit - 1].number)) : .null
        return .list(records.prefix(limit).map { json($0, showsAddress: isStaff) }, next: next)
    }

    private static func filter(_ call: Call, _ services: Services) async throws(Problem) -> AuditFilter {
        let query = call.request.query
        var filter = AuditFilter(person: query["person"], act: query["act"], isOldestFirst: query["order"] == "oldest")
        if query["after"] != nil { filter.after = try call.number("after", 0...Int64.max, else: 0) }
        var group: String?
        if let session = query["session"] {
            guard let id = SessionID(rawValue: session), let found = try await services.group(of: id) else {
                throw .unknown("session", session)
            }
            (filter.session, group) = (id, found)
        }
        do throws(AccountError) {
            try Permission.require(.readAudit, person: call.person, group: group)
        } catch {
            throw Problem(error)
        }
        return filter
    }

    private static func json(_ record: AuditRecord, showsAddress: Bool) -> JSONValue {
        let entry = record.entry
        var json: JSONValue = [
            "number": .integer(Int(record.number)), "at": .string(entry.at.description),
            "person": .string(entry.author.person), "role": .string(entry.author.role), "act": .string(entry.act),
            "subject": .string(entry.subject), "detail": .object(entry.detail), "outcome": .string(entry.outcome.word),
            "hash": .string(record.hash),
        ]
        if showsAddress { json["address"] = .string(entry.author.address) }
        if !entry.outcome.code.isEmpty { json["code"] = .string(entry.outcome.code) }
        return json
    }
}
