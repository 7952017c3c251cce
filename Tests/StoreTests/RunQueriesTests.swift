import RunModel
import Store
import Testing

@Suite struct RunQueriesTests {
    private let at = SampleRun.whole.now

    @Test func `grids, targets and micrographs are read as the run left them`() throws {
        let store = try RunStore.inMemory()
        _ = try SampleRun.whole.tell(to: store)
        let square = TargetID(square: 1, of: SampleRun.first)
        #expect(try store.grid(SampleRun.first)?.name == "wild type, diluted")
        #expect(try store.targets(of: SampleRun.first)?.map(\.id.kind) == [.square, .square, .square, .hole, .hole, .hole])
        #expect(try store.target(TargetID(hole: 2, of: square))?.problem == "The hole was not found again.")
        #expect(try store.micrographs(of: SampleRun.first)?.map(\.status) == [.processed, .unprocessable, .processed])
        #expect(try store.micrograph(MicrographID(1, of: TargetID(hole: 1, of: square)))?.bytes == 20_971_520)
    }

    @Test func `the list of sessions counts what was done`() throws {
        let store = try RunStore.inMemory()
        _ = try SampleRun.whole.tell(to: store)
        let summary = try #require(try store.sessions().first)
        #expect(summary.status == .stopping)
        #expect([summary.grids, summary.gridsCompleted, summary.images] == [3, 0, 4])
        #expect(summary.startedAt != nil && summary.endedAt == nil)
    }

    @Test func `sessions come newest first, page by page, and only those asked for`() throws {
        let store = try RunStore.inMemory()
        for number in 1...5 {
            var created = SampleRun.created
            created.session.id = SessionID(unchecked: "s\(number)")
            created.session.name = "Session_\(number)"
            created.session.directory = "sessions/\(number)"
            created.session.group = number.isMultiple(of: 2) ? "even" : "odd"
            _ = try store.append(Entry(session: created.session.id, events: [.sessionCreated(created)]), at: at)
        }
        _ = try store.append(Entry(session: "s4", events: [.runMoved(RunMoved(status: .starting))]), at: at)
        func ids(_ filter: SessionFilter, after: SessionID? = nil, limit: Int = 100) throws -> [SessionID] {
            try store.sessions(filter, after: after, limit: limit).map(\.session.id)
        }
        #expect(try ids(SessionFilter(), limit: 2) == ["s5", "s4"])
        #expect(try ids(SessionFilter(), after: "s4", limit: 2) == ["s3", "s2"])
        #expect(try ids(SessionFilter(groups: ["even"])) == ["s4", "s2"])
        #expect(try ids(SessionFilter(groups: [])) == [])
        #expect(try ids(SessionFilter(microscope: "scope-1", statuses: [.starting])) == ["s4"])
        #expect(try ids(SessionFilter(name: "SESSION_3")) == ["s3"])
        #expect(try ids(SessionFilter(name: "%")) == [])
        let archived = RunEvent.sessionArchived(SessionArchived(archived: true, by: "operator"))
        _ = try store.append(Entry(session: "s2", events: [archived]), at: at)
        #expect(try ids(SessionFilter(isArchived: true)) == ["s2"])
        #expect(try ids(SessionFilter(groups: ["even"], isArchived: false)) == ["s4"])
        #expect(try store.session("s2")?.isArchived == true)
        #expect(try store.sessionsWithActiveStatus() == ["s4"])
    }

    @Test func `log lines have a counter of their own and each names the line before in its log`() throws {
        let store = try RunStore.sample()
        let lines = (1...6).map {
            LogEntry(log: $0.isMultiple(of: 3) ? .processing : .imaging, line: LogLine(.info, "stage", "line \($0)"))
        }
        let stored = try store.append(Entry(session: SampleRun.session, lines: lines), at: at).lines
        #expect(stored.map(\.n) == [1, 2, 3, 4, 5, 6])
        #expect(stored.map(\.previous) == [0, 1, 0, 2, 4, 3])
        #expect(try store.newestSeq() == 1)
        #expect(try store.logLines(of: SampleRun.session, log: .imaging, limit: 9) == stored.filter { $0.log == .imaging })
        #expect(try store.lastLine(of: SampleRun.session, log: .processing) == 6)
    }

    @Test func `log lines are found by number, level and text, whose signs mean themselves`() throws {
        let store = try RunStore.sample()
        let messages: [(LogLine.Level, String)] = [(.debug, "50% done"), (.info, "50 done"), (.warning, "a_b"), (.error, "aXb")]
        let lines = messages.map { LogEntry(log: .imaging, line: LogLine($0, "Focus", $1)) }
        _ = try store.append(Entry(session: SampleRun.session, lines: lines), at: at)
        func found(after: Int64 = 0, levels: Set<LogLine.Level> = [], containing: String? = nil) throws -> [Int64] {
            try store.logLines(
                of: SampleRun.session, log: .imaging, after: after, limit: 10, levels: levels, containing: containing
            ).map(\.n)
        }
        #expect(try found(containing: "50%") == [1])
        #expect(try found(containing: "A_B") == [3])
        #expect(try found(containing: "focus") == [1, 2, 3, 4])
        #expect(try found(levels: [.warning, .error]) == [3, 4])
        #expect(try found(after: 2, levels: [.debug, .warning]) == [3])
        #expect(try store.newestLogLines(of: SampleRun.session, log: .imaging, limit: 2).map(\.n) == [3, 4])
    }

    @Test(arguments: ["' OR 1=1 --", "') OR (1=1", "\" OR \"\"=\"", "'; DROP TABLE sessions; --", "\\' OR 1=1 --", "%' --"])
    func `text with the signs of SQL is looked for as it stands`(_ text: String) throws {
        let store = try RunStore.sample()
        let lines = ["one", "it said \(text) twice"].map { LogEntry(log: .imaging, line: LogLine(.info, "Focus", $0)) }
        _ = try store.append(Entry(session: SampleRun.session, lines: lines), at: at)
        let session = SessionID(unchecked: text)
        let found = try store.logLines(of: SampleRun.session, log: .imaging, limit: 10, containing: text)
        #expect(found.map(\.line.message) == ["it said \(text) twice"])
        #expect(try store.logLines(of: session, log: .imaging, limit: 10).isEmpty)
        #expect(try store.sessions(SessionFilter(name: text)).isEmpty)
        #expect(try store.sessions(SessionFilter(groups: [text])).isEmpty)
        #expect(try store.sessions(SessionFilter(microscope: MicroscopeID(unchecked: text))).isEmpty)
        #expect(try store.sessions(after: session).isEmpty)
        #expect(try store.session(session) == nil && store.state(of: session) == nil)
        var foreign = SampleRun.created.session
        foreign.directory = text
        #expect(try store.taken(by: foreign) == nil)
        #expect(try store.audit(AuditFilter(person: text)).isEmpty)
        #expect(try store.idempotent(person: text, key: text, now: at) == nil)
        #expect(try store.sessions().map(\.session.id) == [SampleRun.session])
    }

    @Test func `the same key of the same person gives the first answer for 24 hours`() throws {
        let store = try RunStore.inMemory()
        let first = StoredAnswer(requestDigest: "d", status: 202, body: "{\"command\":\"1\"}", at: at)
        let second = StoredAnswer(requestDigest: "d", status: 202, body: "{\"command\":\"2\"}", at: at.advanced(bySeconds: 60))
        #expect(try store.idempotent(person: "a", key: "k", now: at) == nil)
        #expect(try store.remember(first, person: "a", key: "k") == first)
        #expect(try store.remember(second, person: "a", key: "k") == first)
        #expect(try store.idempotent(person: "b", key: "k", now: at) == nil)
        let day = at.advanced(bySeconds: 86_400)
        #expect(try store.idempotent(person: "a", key: "k", now: day.advanced(bySeconds: -1)) == first)
        #expect(try store.idempotent(person: "a", key: "k", now: day) == nil)
        let late = StoredAnswer(requestDigest: "e", status: 409, body: "{}", at: day)
        #expect(try store.remember(late, person: "a", key: "k") == late)
    }
}
