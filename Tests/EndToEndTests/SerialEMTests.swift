import Foundation
import JSONText
import Synchronization
import TestSupport
import Testing

extension EndToEndTests {
    /// A server in one process, a simulated SerialEM in another, and its ledger as the witness.
    @Suite struct SerialEMTests {
        @Test func `a whole session runs over the socket, and ledger and store agree exposure by exposure`() async throws {
            let folder = try TemporaryFolder()
            let scope = try await ScopeProcess(folder)
            let server = try await ServerProcess(data: folder.path(of: "data"), scope: scope)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("wired", grids: 2)
            let page = try await person.watch("session/\(session)")
            #expect(try await person.start(session).status == 202)
            #expect(try await person.carryToTheEnd(session, on: page) == "runCompleted")
            let account = try await Account(of: session, person: person, scope: scope)
            #expect(account.exposed.count == 2)
            #expect(account.differences == [])
            let lines = try scope.ledger.lines()
            #expect(lines.last?["kind"]?.text == "disconnect")
            #expect(lines.last { $0["kind"]?.text == "valves" }?["args"]?.items?.first?.text == "closed")
            #expect(try await server.end(by: SIGTERM) == 0)
            #expect(try await scope.end(by: SIGTERM) == 0)
        }

        @Test func `a session whose folder would be another one on SerialEM's computer is refused over the socket`() async throws
        {
            let folder = try TemporaryFolder()
            let scope = try await ScopeProcess(folder)
            let server = try await ServerProcess(data: folder.path(of: "data"), scope: scope)
            let person = try await Visitor("operator", on: server)
            let answer = try await person.post(
                "/api/sessions",
                [
                    "name": "wired.", "group": "demo", "microscope": "demo-scope", "detector": "demo-camera",
                    "grids": [["name": "grid_1", "position": 1, "recipe": "spa"]],
                ])
            #expect(answer.status == 400)
            #expect(answer.json["problems"]?[0]?["field"] == "name")
            #expect(try await server.end(by: SIGTERM) == 0)
            #expect(try await scope.end(by: SIGTERM) == 0)
        }

        /// The soak option multiplies it: 5 moments, or 100.
        @Test func `a server that is killed at any moment exposes nothing twice and loses nothing`() async throws {
            let folder = try TemporaryFolder()
            let scope = try await ScopeProcess(folder, speed: 400)
            var crashes = Crashes(folder: folder, scope: scope)
            for seed in Seeds.first(5) {
                var random = SeededGenerator(seed: seed)
                try await crashes.runAndKill(after: Int.random(in: 1...90, using: &random))
            }
            try await crashes.finish()
            #expect(crashes.differences == [])
            // Two grids of three holes with two exposures each.
            #expect(crashes.exposures >= 12)
        }

        @Test func `a start under a lock makes no connection`() async throws {
            let folder = try TemporaryFolder()
            let scope = try await ScopeProcess(folder, speed: 60)
            let server = try await ServerProcess(data: folder.path(of: "data"), scope: scope)
            let person = try await Visitor("operator", on: server)
            let first = try await person.smallSession("first", grids: 1)
            let second = try await person.smallSession("second", grids: 1)
            #expect(try await person.start(first).status == 202)
            _ = try await scope.ledger.wait { $0["name"]?.text == "LoadCartridge" }
            let refused = try await person.start(second)
            #expect(refused.status == 409 && refused.code == "scopeLock.held")
            #expect(try await server.end(by: SIGTERM) == 0)
            #expect(
                try scope.ledger.lines().count { $0["kind"]?.text == "connect" }
                    == scope.ledger.lines().filter { $0["kind"]?.text == "connect" && $0["client"]?.int ?? 0 <= 2 }.count)
        }

        @Test func `force-kill closes the connection within a second, and the next start connects`() async throws {
            let folder = try TemporaryFolder()
            let scope = try await ScopeProcess(folder, speed: 20)
            let server = try await ServerProcess(data: folder.path(of: "data"), speed: 20, scope: scope)
            let staff = try await Visitor("staff", on: server)
            let session = try await staff.smallSession("killed", grids: 1)
            #expect(try await staff.start(session).status == 202)
            let place = try await scope.ledger.wait { $0["name"]?.text == "LoadCartridge" }
            let client = try #require(try scope.ledger.lines()[place]["client"]?.int)
            let clock = ContinuousClock()
            let begun = clock.now
            #expect(try await staff.post("/api/sessions/\(session)/force-kill").status == 202)
            _ = try await scope.ledger.wait { $0["kind"]?.text == "disconnect" && $0["client"]?.int == client }
            #expect(begun.duration(to: clock.now) < .seconds(1))
            // The loader is still at work: the page says so, and the run begins when it has finished.
            let page = try await staff.watch("session/\(session)")
            #expect(try await staff.start(session).status == 202)
            #expect(try await staff.carryToTheEnd(session, on: page) == "runCompleted")
            let account = try await Account(of: session, person: staff, scope: scope)
            #expect(account.differences == [])
        }

        @Test func `STOP at SerialEM's side ends the run with its own notice and leaves the microscope alone`() async throws {
            let folder = try TemporaryFolder()
            let scope = try await ScopeProcess(
                folder, faults: #"[{"kind":"operatorStop","command":"AutoFocus","moment":"after"}]"#)
            let server = try await ServerProcess(data: folder.path(of: "data"), scope: scope)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("stopped", grids: 1)
            let page = try await person.watch("session/\(session)")
            #expect(try await person.start(session).status == 202)
            let notice = try await page.next("noticeRaised", where: { $0["data"]?["id"]?.text == "operatorStopped" })
            #expect(notice["data"]?["sentence"]?.text == "Somebody pressed STOP in SerialEM.")
            #expect(try await person.status(of: session) == "failed")
            let place = try await scope.ledger.wait { $0["name"]?.text == "AutoFocus" }
            let after = try scope.ledger.lines().dropFirst(place + 1)
            #expect(!after.contains { $0["kind"]?.text == "command" || $0["kind"]?.text == "valves" })
        }
    }
}

/// What the microscope was made to do for a session, against what the store says of it.
struct Account {
    /// Record exposures by name, in the ledger.
    let exposed: [String]
    /// Sentences about what does not agree.
    let differences: [String]

    init(of session: String, person: Visitor, scope: ScopeProcess) async throws {
        let lines = try scope.ledger.lines()
        exposed = lines.filter { $0["kind"]?.text == "exposure" && $0["preset"]?.text == "R" }.compactMap { $0["name"]?.text }
            .filter { $0.hasPrefix(session + "-") }
        var differences: [String] = []
        for (name, times) in Dictionary(grouping: exposed, by: \.self).mapValues(\.count) where times > 1 {
            differences.append("\(name) was exposed \(times) times")
        }
        differences += Self.strangers(lines)
        let events = try await Self.events(of: session, person)
        let outcomes = Self.outcomes(events, session)
        for name in exposed where outcomes[name] == nil {
            differences.append("\(name) was exposed and the store does not know it")
        }
        for (name, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
            let was = exposed.contains(name)
            switch outcome {
            case "saved" where !was: differences.append("\(name) is said to be saved and was not exposed")
            case "notTaken" where was: differences.append("\(name) is said not to be taken and was exposed")
            case "open": differences.append("\(name) was never settled")
            default: continue
            }
        }
        self.differences = differences
    }

    /// Commands of clients that a newer one had pushed out.
    private static func strangers(_ lines: [JSONValue]) -> [String] {
        var newest = 0
        var strange: [String] = []
        for line in lines {
            guard let client = line["client"]?.int, client > 0 else { continue }
            if line["kind"]?.text == "connect" { newest = max(newest, client) }
            if line["kind"]?.text == "command", client != newest { strange.append("client \(client) commanded beside \(newest)") }
        }
        return strange
    }

    private static func events(of session: String, _ person: Visitor) async throws -> [JSONValue] {
        var events: [JSONValue] = []
        var after: String? = ""
        while let place = after {
            let page = try await person.get("/api/sessions/\(session)/events?limit=500\(place.isEmpty ? "" : "&after=\(place)")")
                .json
            events += page["items"]?.items ?? []
            after = page["next"]?.text ?? page["next"]?.int.map(String.init)
        }
        return events
    }

    /// What became of each exposure that was meant, by the name that the microscope knows it by.
    private static func outcomes(_ events: [JSONValue], _ session: String) -> [String: String] {
        var names: [String: String] = [:]
        var outcomes: [String: String] = [:]
        for event in events {
            let data = event["data"] ?? .null
            switch event["type"]?.text {
            case "exposureBegan":
                guard let id = data["micrograph"]?["id"]?.text, let movie = data["micrograph"]?["movie"]?.text,
                    let slot = id.dropFirst(session.count).split(separator: ".").first?.dropFirst(),
                    let file = movie.split(separator: "/").last
                else { continue }
                let name = "\(session)-\(slot)-\(file.dropLast(4))"
                names[id] = name
                outcomes[name] = "open"
            case "exposureSaved": data["micrograph"]?.text.flatMap { names[$0] }.map { outcomes[$0] = "saved" }
            case "exposureSettled":
                guard let name = data["micrograph"]?.text.flatMap({ names[$0] }), let outcome = data["outcome"]?.text else {
                    continue
                }
                // Unknown is explained: it was asked about, and left.
                outcomes[name] = outcome
            default: continue
            }
        }
        return outcomes
    }
}

private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

/// Servers that are killed one after the other over one store and one microscope.
struct Crashes {
    let folder: TemporaryFolder
    let scope: ScopeProcess
    private var sessions: [String] = []
    private(set) var differences: [String] = []
    private(set) var exposures = 0

    init(folder: TemporaryFolder, scope: ScopeProcess) {
        self.folder = folder
        self.scope = scope
    }

    /// Kills when the microscope's ledger has grown by so many lines, or the session is over before that.
    mutating func runAndKill(after lines: Int) async throws {
        let server = try await ServerProcess(data: folder.path(of: "data"), scope: scope)
        let person = try await Visitor("operator", on: server)
        let session = try await openSession(person)
        let page = try await person.watch("session/\(session)")
        let before = try scope.ledger.lines().count
        let started = try await person.start(session).status
        #expect(started == 202)
        let isOver = Flag()
        let end = Task {
            defer { isOver.isSet = true }
            return try await person.carryToTheEnd(session, on: page)
        }
        try await scope.ledger.wait(forLines: before + lines, orUntil: { isOver.isSet })
        #expect(try await server.end(by: SIGKILL) == -SIGKILL)
        _ = await end.result
    }

    /// Runs every session to its end and compares.
    mutating func finish() async throws {
        #expect(!sessions.isEmpty)
        let server = try await ServerProcess(data: folder.path(of: "data"), scope: scope)
        let person = try await Visitor("operator", on: server)
        for session in sessions {
            let page = try await person.watch("session/\(session)")
            if try await person.status(of: session) != "completed" {
                #expect(try await person.start(session).status == 202)
                #expect(try await person.carryToTheEnd(session, on: page) == "runCompleted")
            }
            let account = try await Account(of: session, person: person, scope: scope)
            differences += account.differences
            exposures += account.exposed.count
        }
    }

    /// The one that is not complete yet, or a new one.
    private mutating func openSession(_ person: Visitor) async throws -> String {
        if let last = sessions.last, try await person.status(of: last) != "completed" { return last }
        let session = try await person.crashSession("crash_\(sessions.count + 1)")
        sessions.append(session)
        return session
    }
}
