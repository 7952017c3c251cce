import ArgumentParser
import Foundation
import JSONText
import RunModel
import Store

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who did what, and whether that record is whole.",
        discussion: "Works with or without a running server.", subcommands: [Show.self, Verify.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the newest records, the last one last.",
            discussion: "A line each: number, time in UTC, person, role, address, act, what it was done to, outcome, detail.")
        @Option(help: "Only what this person did.") var person: String?
        @Option(help: "Only this act: stop, forceKill, signIn and so on.") var act: String?
        @Option(help: "Only what was done to this session.") var session: String?
        @Option(help: "Only since this day or moment in UTC: 2026-11-29, or 2026-11-29T21:00:00.000Z.") var since: String?
        @Option(help: "At most so many.") var limit = 100
        @Flag(help: "Prints each record as a JSON object, with its hash.") var json = false
        @OptionGroup var place: AccountPlace

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit is not a positive number.") }
            if let since, Self.moment(since) == nil {
                throw ValidationError("--since is neither a day like 2026-11-29 nor a moment like 2026-11-29T21:00:00.000Z.")
            }
            if let session, SessionID(rawValue: session) == nil {
                throw ValidationError("--session is not the id of a session.")
            }
        }

        func run() async throws {
            let filter = AuditFilter(
                person: person, act: act, session: session.flatMap(SessionID.init(rawValue:)), since: since.flatMap(Self.moment))
            for record in try place.openStore().audit(filter, limit: limit).reversed() {
                Terminal.say(json ? try record.json : try record.line)
            }
        }

        private static func moment(_ text: String) -> Timestamp? { Timestamp(text) ?? Timestamp("\(text)T00:00:00.000Z") }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks that no record was changed, removed or put in between.",
            discussion: """
                Prints the head of the log, which is the number and the hash of the last record. Kept where whoever can write to the data
                directory cannot, it shows later whether the log was cut off or written anew: give it with --head. Ends with 0 when the log is
                whole, with 1 when it is not.
                """)
        @Option(help: "A head that was kept, NUMBER:HASH.") var head: String?
        @OptionGroup var place: AccountPlace

        func validate() throws {
            if let head, AuditHead(text: head) == nil {
                throw ValidationError("--head is not a number, a colon and 64 hexadecimal digits.")
            }
        }

        func run() async throws {
            let check = try place.openStore().checkAudit(against: head.flatMap(AuditHead.init(text:)))
            if let problem = check.problem {
                throw CommandProblem(
                    "The audit log is not whole. \(problem.sentence)",
                    remedy: "Keep the data directory as it is, and compare it with a backup.")
            }
            Terminal.say("The audit log is whole, with \(check.count) record\(check.count == 1 ? "" : "s").")
            if let head = check.head { Terminal.say(head.text) }
        }
    }
}

extension AuditRecord {
    fileprivate var line: String {
        get throws {
            [
                "\(number)", entry.at.description, entry.author.person, entry.author.role, entry.author.address, entry.act,
                entry.subject, outcome, AuditEntry.line(try JSONText.encode(entry.detail), longest: 4000),
            ].joined(separator: "\t")
        }
    }

    private var outcome: String {
        entry.outcome.code.isEmpty ? entry.outcome.word : "\(entry.outcome.word): \(entry.outcome.code)"
    }

    fileprivate var json: String {
        get throws {
            var json: JSONValue = [
                "number": .integer(Int(number)), "at": .string(entry.at.description), "person": .string(entry.author.person),
                "role": .string(entry.author.role), "address": .string(entry.author.address), "act": .string(entry.act),
                "subject": .string(entry.subject), "detail": .object(entry.detail), "previous": .string(previous),
                "hash": .string(hash), "outcome": .string(entry.outcome.word),
            ]
            if !entry.outcome.code.isEmpty { json["code"] = .string(entry.outcome.code) }
            return try JSONText.encode(json)
        }
    }
}
