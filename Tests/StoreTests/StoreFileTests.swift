import Foundation
import GRDB
import RunModel
import Testing

@testable import Store

@Suite struct StoreFileTests {
    @Test func `a damaged file is named and left as it is`() throws {
        let folder = try Folder()
        try folder.fill()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file))
        var damaged = bytes
        for page in 1..<(bytes.count / 4096) {
            damaged.replaceSubrange(page * 4096..<page * 4096 + 64, with: Data(repeating: 0xAA, count: 64))
        }
        try damaged.write(to: URL(fileURLWithPath: folder.file))
        let refusal = #expect(throws: StoreError.self) { try RunStore.open(at: folder.file) }
        #expect(refusal?.code == "store.damaged")
        #expect(refusal?.sentence.hasPrefix("\(folder.file) is damaged") == true)
        #expect(RunStore.check(folder.file).isEmpty == false)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file)) == damaged)
    }

    // As many threads of a server read at most.
    @Test(.timeLimit(.minutes(1))) func `readings that hang leave a connection to whoever else reads`() throws {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file)
        let (begun, gate, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchGroup())
        for number in 1...11 {
            DispatchQueue(label: "reader \(number)").async(group: done) {
                _ = try? store.reading { _ in
                    begun.signal()
                    gate.wait()
                }
            }
            begun.wait()
        }
        #expect(try store.newestSeq() == 0)
        for _ in 1...11 { gate.signal() }
        done.wait()
    }

    @Test func `a file of another kind is refused and left as it is`() throws {
        let folder = try Folder()
        let text = Data(repeating: 0x41, count: 5000)
        try text.write(to: URL(fileURLWithPath: folder.file))
        #expect(throws: StoreError.foreign(path: folder.file)) { try RunStore.open(at: folder.file) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file)) == text)
    }

    @Test func `another program's database is refused and left as it is`() throws {
        let folder = try Folder()
        try folder.execute("CREATE TABLE recipes (name TEXT)")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.file))
        #expect(throws: StoreError.foreign(path: folder.file)) { try RunStore.open(at: folder.file) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file)) == before)
        #expect(RunStore.check(folder.file) == [StoreError.foreign(path: folder.file).explanation])
    }

    @Test func `a file of a newer version is refused`() throws {
        let folder = try Folder()
        try folder.fill()
        try folder.execute("INSERT INTO grdb_migrations (identifier) VALUES ('99 something new')")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.file))
        #expect(throws: StoreError.newer(path: folder.file)) { try RunStore.open(at: folder.file) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file)) == before)
        #expect(RunStore.check(folder.file) == [StoreError.newer(path: folder.file).explanation])
    }

    @Test func `a grid that was added is there after a restart, with what happened to it`() throws {
        let folder = try Folder()
        try folder.fill()
        let added = GridID(SampleRun.session, slot: 9)
        let store = try RunStore.open(at: folder.file)
        let noted = RunEvent.gridNoted(GridNoted(grid: added, quality: .good, notes: "late", by: "staff"))
        _ = try store.append(Entry(session: SampleRun.session, events: [noted]), at: SampleRun.whole.now)
        try store.close()
        let again = try RunStore.open(at: folder.file)
        let state = try #require(try again.state(of: added)?.state)
        #expect(state.grid.name == "late" && state.notes?.text == "late")
        #expect(throws: StoreError.idTaken(added.rawValue)) {
            let twice = RunEvent.gridAdded(GridDescribed(grid: state.grid, by: "staff"))
            _ = try again.append(Entry(session: SampleRun.session, events: [twice]), at: SampleRun.whole.now)
        }
    }

    @Test func `a missing directory is named`() {
        let path = "/nowhere/at/all/gridpilot.sqlite"
        #expect(throws: StoreError.missingDirectory(path: path)) { try RunStore.open(at: path) }
    }

    @Test func `a full disk refuses the change whole, and the store goes on once there is space`() throws {
        let folder = try Folder()
        try folder.fill()
        let store = try RunStore.open(at: folder.file)
        let before = try #require(try store.state(of: SampleRun.session))
        let pages = try store.configuring { db in
            let count = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            return try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(count + 2)") ?? 0
        }
        #expect(pages > 0)
        let long = String(repeating: "x", count: 40_000)
        let entry = Entry(
            session: SampleRun.session,
            events: [.noticeRaised(Notice(id: "n", kind: .info, sentence: long, raisedAt: SampleRun.whole.now))])
        #expect(throws: StoreError.full(path: folder.file)) { try store.append(entry, at: SampleRun.whole.now) }
        #expect(try store.state(of: SampleRun.session) == before)
        try store.configuring { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        _ = try store.append(entry, at: SampleRun.whole.now)
        #expect(try store.state(of: SampleRun.session)?.state.notices.last?.sentence == long)
    }

    @Test func `every transaction is on the disk before its call returns`() throws {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file)
        let (journal, synchronous) = try store.configuring { db in
            (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
        }
        #expect(journal == "wal")
        #expect(synchronous == 2)
    }

    @Test func `a healthy file has no problems, a missing one is told`() throws {
        let folder = try Folder()
        #expect(RunStore.check(folder.file) == ["There is no database at \(folder.file) yet."])
        try folder.fill()
        #expect(RunStore.check(folder.file).isEmpty)
    }

    @Test func `lost events and unknown words are found by the check`() throws {
        let folder = try Folder()
        try folder.fill()
        try folder.execute("DELETE FROM event_topics WHERE seq = 12; UPDATE sessions SET status = 'dancing'")
        let found = RunStore.check(folder.file)
        #expect(found.count == 2)
        #expect(found.first?.contains("do not follow on from the one before") == true)
        #expect(found.last?.contains("dancing") == true)
    }

    @Test func `a flipped byte in a header is refused, named, or means nothing`() throws {
        let folder = try Folder()
        try folder.fill()
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file))
        let before = try #require(try folder.contents())
        // The file's own header, and that of a page in three.
        let places =
            Array(stride(from: 0, to: 100, by: 7)) + (1..<whole.count / 4096).filter { $0 % 3 == 0 }.map { $0 * 4096 + $0 % 8 }
        for place in places {
            var damaged = whole
            damaged[place] ^= 0xFF
            for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder.file + end) }  // Not always there.
            try damaged.write(to: URL(fileURLWithPath: folder.file))
            let isNamed = RunStore.problem(of: folder.file) != nil
            let after = try? folder.contents()
            #expect(isNamed || after == before, "byte \(place)")
        }
    }

    @Test func `migrations are only ever added to`() {
        #expect(
            Schema.migrator.migrations == [
                "1 runs", "2 accounts", "3 equipment", "4 fold of checkpoints", "5 audit chain", "6 folders of sessions",
            ])
    }
}

extension Folder {
    /// The sample run, written and closed.
    func fill() throws {
        let store = try RunStore.open(at: file)
        _ = try SampleRun.whole.tell(to: store)
        try store.close()
    }

    /// What a reader gets, from an opening of its own.
    func contents() throws -> [String]? {
        let store = try RunStore.open(at: file)
        defer { try? store.close() }  // Only read.
        return try [store.facility().state, store.state(of: SampleRun.session)?.state as Any].map { "\($0)" }
    }

    /// Changes the file as an accident would: past the store, on a connection of its own.
    func execute(_ sql: String) throws {
        let queue = try DatabaseQueue(path: file)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }
}

extension RunStore {
    /// What an accident does to a store in memory.
    func tamper(_ sql: String) throws { try writing { try $0.execute(sql: sql) } }
}
