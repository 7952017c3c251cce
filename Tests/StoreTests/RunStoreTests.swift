import Foundation
import RunModel
import Store
import Testing

@Suite struct RunStoreTests {
    private let moment = Timestamp(milliseconds: 1_795_377_600_000)

    @Test func `what was written is there after the file is opened again`() throws {
        let folder = try Folder()
        let first = try RunStore.open(at: folder.file)
        let told = try SampleRun.whole.tell(to: first)
        let before = try #require(try first.state(of: SampleRun.session))
        let identity = first.identity
        try first.close()

        let second = try RunStore.open(at: folder.file)
        #expect(second.identity == identity)
        #expect(try second.state(of: SampleRun.session) == before)
        #expect(try second.newestSeq() == told.last?.seq)
        #expect(try second.events(on: .facility, after: 0, limit: 1000) == told.filter { $0.topic == .facility })
    }

    @Test func `numbers go on where they were and each topic names its number before`() throws {
        let store = try RunStore.inMemory()
        let told = try SampleRun.whole.tell(to: store)
        for topic in Set(told.map(\.topic)) {
            let numbers = told.filter { $0.topic == topic }
            #expect(numbers.map(\.previous) == [0] + numbers.dropLast().map(\.seq))
            #expect(try store.lastSeq(on: topic) == numbers.last?.seq)
        }
        let seqs = told.map(\.seq)
        #expect(seqs == seqs.sorted())
    }

    @Test func `events can be had from any number on, a few at a time`() throws {
        let store = try RunStore.inMemory()
        let told = try SampleRun.whole.tell(to: store).filter { $0.topic == .session(SampleRun.session) }
        var read: [TopicEvent] = []
        while true {
            let page = try store.events(on: .session(SampleRun.session), after: read.last?.seq ?? 0, limit: 7)
            read += page
            if page.count < 7 { break }
        }
        #expect(read == told)
    }

    @Test func `an event keeps the command that led to it`() throws {
        let store = try RunStore.inMemory()
        let told = try SampleRun.whole.tell(to: store)
        let stop = try #require(told.first { $0.type == "stopReceived" })
        #expect(stop.command == "stop-1")
        #expect(try stop.stored().command == "stop-1")
    }

    @Test func `a writer whose number is not the microscope's is refused and nothing of it is kept`() throws {
        let (store, scope) = (try RunStore.sample(), SampleRun.scope)
        let old = try store.nextEpoch(of: scope)
        let new = try store.nextEpoch(of: scope)
        let before = try store.newestSeq()
        let entry = Entry(
            session: SampleRun.session, events: [.pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: false, by: "operator"))],
            lines: [LogEntry(log: .imaging, line: LogLine(.info, "stage", "moved"))], fence: Fence(microscope: scope, epoch: old))
        #expect(throws: StoreError.fenced(scope, writer: old, stored: new)) { try store.append(entry, at: moment) }
        #expect(try store.newestSeq() == before)
        #expect(try store.newestLogLines(of: SampleRun.session, log: .imaging, limit: 1).isEmpty)
    }

    @Test func `a microscope's number only rises, also over a restart`() throws {
        let folder = try Folder()
        let first = try RunStore.open(at: folder.file)
        #expect(try first.epoch(of: "a") == 0)
        #expect(try [first.nextEpoch(of: "a"), first.nextEpoch(of: "a"), first.nextEpoch(of: "b")] == [1, 2, 1])
        try first.close()
        let second = try RunStore.open(at: folder.file)
        #expect(try second.epoch(of: "a") == 2)
        #expect(try second.nextEpoch(of: "a") == 3)
    }

    @Test func `late news of an old holder does not free the lock of the new one`() throws {
        let store = try RunStore.sample()
        var run = SampleRun()
        run.start()
        _ = try run.tell(to: store)
        let late = Entry(
            session: SampleRun.session,
            events: [.lockFreed(LockFreed(microscope: SampleRun.scope, epoch: 0, reason: "run ended"))])
        #expect(throws: StoreError.fenced(SampleRun.scope, writer: 0, stored: 1)) { try store.append(late, at: moment) }
        #expect(try store.holder(of: SampleRun.scope)?.epoch == 1)
        #expect(try store.facility().state.microscopes.first?.holder?.epoch == 1)
    }

    @Test func `an event of a session that nobody created is refused`() throws {
        let store = try RunStore.inMemory()
        let entry = Entry(session: "nowhere", events: [.stopReceived(Asked(by: "operator"))])
        #expect(throws: StoreError.unknown("session nowhere")) { try store.append(entry, at: moment) }
        #expect(try store.newestSeq() == 0)
    }

    @Test func `a second session of the same folder is refused, and its name is free again on the next day`() throws {
        let store = try RunStore.sample()
        var created = SampleRun.created
        created.session.id = "another"
        #expect(throws: StoreError.nameTaken(name: "tubulin", group: "structure")) {
            try store.append(Entry(session: "another", events: [.sessionCreated(created)]), at: moment)
        }
        created.session.directory = "sessions/structure/20261122_TUBULIN"
        #expect(try store.taken(by: created.session) == "tubulin")
        created.session.directory = "sessions/structure/20261123_tubulin"
        _ = try store.append(Entry(session: "another", events: [.sessionCreated(created)]), at: moment)
        #expect(throws: StoreError.idTaken("another")) {
            try store.append(Entry(session: "another", events: [.sessionCreated(created)]), at: moment)
        }
    }

    @Test func `two stores on one file see each other's changes`() throws {
        let folder = try Folder()
        let (one, two) = (try RunStore.open(at: folder.file), try RunStore.open(at: folder.file))
        #expect(one.identity == two.identity)
        for (turn, (entry, at)) in SampleRun.whole.entries.enumerated() {
            for case .lockTaken(let news) in entry.events { _ = try one.nextEpoch(of: news.microscope) }
            let (writer, reader) = turn.isMultiple(of: 2) ? (one, two) : (two, one)
            let seq = try #require(try writer.append(entry, at: at).events.last?.seq)
            #expect(try reader.state(of: SampleRun.session)?.seq == seq)
        }
        #expect(try one.state(of: SampleRun.session) == two.state(of: SampleRun.session))
        #expect(try one.state(of: SampleRun.first) == two.state(of: SampleRun.first))
        #expect(try one.facility() == two.facility())
    }

    @Test func `named stores in memory share what they hold`() throws {
        let name = "shared-\(UUID().uuidString)"
        let one = try RunStore.inMemory(named: name)
        let two = try RunStore.inMemory(named: name)
        _ = try one.append(Entry(session: SampleRun.session, events: [.sessionCreated(SampleRun.created)]), at: moment)
        #expect(try two.session(SampleRun.session)?.session == SampleRun.created.session)
    }

    @Test func `the identity can be given, so that runs can be repeated`() throws {
        #expect(try RunStore.inMemory(identity: "one").identity == "one")
    }
}

extension RunStore {
    /// In memory, with the sample session made and nothing else.
    static func sample() throws -> RunStore {
        let store = try RunStore.inMemory()
        _ = try store.append(
            Entry(session: SampleRun.session, events: [.sessionCreated(SampleRun.created)]),
            at: Timestamp(milliseconds: 1_795_377_600_000))
        return store
    }
}

/// A folder of its own for one test, removed with it.
final class Folder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridpilot-\(UUID().uuidString)")
    var file: String { path.appendingPathComponent("gridpilot.sqlite").path }

    init() throws { try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true) }
    // Left behind at worst: the system clears its temporary folder.
    deinit { try? FileManager.default.removeItem(at: path) }
}
