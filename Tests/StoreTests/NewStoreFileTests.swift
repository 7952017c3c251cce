import Blocking
import Foundation
import GRDB
import RunModel
import Testing

@testable import Store

@Suite struct NewStoreFileTests {
    /// What may stand in a new store's place.
    enum Place: String, CaseIterable { case nothing, empty, leftovers, noLinks }

    @Test(arguments: Place.allCases) func `a first start that ends at any of its steps is completed by the next`(place: Place)
        throws
    {
        var steps = 0
        repeat {
            let folder = try Folder(place)
            var death = Death(at: steps, place)
            let isOver = folder.make { step throws(Errno) in try death.ask(step) } == nil
            let store = try RunStore.open(at: folder.file)
            #expect(try store.nextEpoch(of: "scope-1") == 1)
            try store.close()
            #expect(try !folder.names().contains { $0.contains(".new-") }, "after \(steps) steps")
            #expect(RunStore.check(folder.file).isEmpty)
            if isOver { break }
            steps += 1
        } while steps < 100
        #expect(steps >= 6 && steps < 100)
    }

    @Test(arguments: NewStoreFile.Step.allCases) func `a full disk is named as such, and leaves no draft`(step: NewStoreFile.Step)
        throws
    {
        let folder = try Folder(.leftovers)
        if step == .replace { try folder.put([], at: "gridpilot.sqlite") }
        let problem = folder.make { asked throws(Errno) in if asked == step { throw .noSpace } }
        #expect(problem == .full(path: folder.file))
        if step != .removeDraft, step != .removeLeftover, step != .lockFolder {
            #expect(try folder.names().allSatisfy { !$0.contains(".new-") })
        }
        try RunStore.open(at: folder.file).close()
        #expect(RunStore.check(folder.file).isEmpty)
    }

    @Test func `a disk that breaks is named in the system's words`() throws {
        let folder = try Folder()
        let problem = folder.make { step throws(Errno) in if step == .settleDraft { throw .ioError } }
        #expect(problem == .disk(path: folder.file, reason: Errno.ioError.words))
    }

    @Test func `many that begin at once have one store`() async throws {
        let folder = try Folder()
        let file = folder.file
        let identities = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 { group.addTask { try RunStore.open(at: file).identity } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(identities.count == 1)
    }

    @Test func `a draft of a process that lives stays`() throws {
        let folder = try Folder()
        try folder.put([1], at: "gridpilot.sqlite.new-1")
        try RunStore.open(at: folder.file).close()
        #expect(try folder.names().contains("gridpilot.sqlite.new-1"))
    }

    @Test func `a store that an older version had only begun is gone on with`() throws {
        let folder = try Folder()
        try folder.execute("PRAGMA journal_mode = WAL")
        try folder.execute("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        let store = try RunStore.open(at: folder.file)
        _ = try SampleRun.whole.tell(to: store)
        try store.close()
        #expect(RunStore.check(folder.file).isEmpty)
    }

    @Test func `migrations of another program make a file foreign`() throws {
        let folder = try Folder()
        try folder.execute("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        try folder.execute("INSERT INTO grdb_migrations VALUES ('v1')")
        #expect(throws: StoreError.foreign(path: folder.file)) { try RunStore.open(at: folder.file) }
    }

    @Test func `an older version that was killed in its first transaction is taken back`() throws {
        let folder = try Folder()
        // A journal whose first word was never filled in, beside the page that it belongs to: what a kill between the two writes leaves.
        try folder.execute("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        try folder.put(Array(repeating: 0, count: 512), at: "gridpilot.sqlite-journal")
        try RunStore.open(at: folder.file).close()
        #expect(RunStore.check(folder.file).isEmpty)
    }

    @Test(arguments: [0, 17, 32, 5000]) func `a torn log beside an open store's file costs nothing that was whole`(bytes: Int)
        throws
    {
        let folder = try Folder()
        try folder.fill()
        try folder.put(Array(repeating: 7, count: bytes), at: "gridpilot.sqlite-wal")
        let store = try RunStore.open(at: folder.file)
        #expect(try store.state(of: SampleRun.session) != nil)
    }

    @Test func `the log of a store that has gone is kept aside and no part of the new one`() throws {
        let folder = try Folder()
        try folder.put([1, 2, 3], at: "gridpilot.sqlite-wal")
        try RunStore.open(at: folder.file).close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder.file)-wal.left")) == Data([1, 2, 3]))
    }

    @Test func `a log that was kept aside before is kept as well`() throws {
        let folder = try Folder()
        for byte in [UInt8(1), 2, 3] {
            try folder.put([byte], at: "gridpilot.sqlite-wal")
            try RunStore.open(at: folder.file).close()
            unlink(folder.file)
        }
        let kept = try ["", "-2", "-3"].map { try Data(contentsOf: URL(fileURLWithPath: "\(folder.file)-wal.left\($0)")) }
        #expect(kept == [Data([1]), Data([2]), Data([3])])
    }

    @Test func `a store that somebody puts there meanwhile is not replaced`() throws {
        let folder = try Folder()
        try folder.put([], at: "gridpilot.sqlite")
        let file = folder.file
        let new = NewStoreFile(path: file, identity: "the identity") { step throws(Errno) in
            // The last moment before it gets its name.
            if step == .settleDraft { try Files.opened(file, .writeOnly) { _ = try $0.writeAll([1, 2, 3]) } }
        }
        try new.make()
        #expect(try Files.read(file) == [1, 2, 3])
        #expect(try folder.names() == ["gridpilot.sqlite"])
    }

    @Test func `a new store's file alone is the whole store, for its owner only`() throws {
        let folder = try Folder()
        #expect(folder.make() == nil)
        #expect(try folder.names() == ["gridpilot.sqlite"])
        #expect(Files.status(folder.file)?.permissions == .ownerReadWrite)
        #expect(RunStore.check(folder.file).isEmpty)
        try RunStore.open(at: folder.file).close()
        #expect(try folder.read("PRAGMA integrity_check") == "ok")
        #expect(try folder.read("PRAGMA journal_mode") == "wal")
        #expect(try folder.read("SELECT value FROM meta WHERE name = 'identity'") == "the identity")
    }
}

/// A process that dies before its nth call: nothing of it happens from there on.
private struct Death {
    var left: Int
    let hasLinks: Bool

    init(at step: Int, _ place: NewStoreFileTests.Place) {
        left = step
        hasLinks = place != .noLinks
    }

    mutating func ask(_ step: NewStoreFile.Step) throws(Errno) {
        guard left > 0 else { throw .ioError }
        left -= 1
        if step == .link, !hasLinks { throw .notPermitted }
    }
}

extension Folder {
    fileprivate convenience init(_ place: NewStoreFileTests.Place) throws {
        try self.init()
        switch place {
        case .nothing, .noLinks: break
        case .empty:
            for name in ["gridpilot.sqlite", "gridpilot.sqlite-wal", "gridpilot.sqlite-shm"] { try put([], at: name) }
        case .leftovers:
            try put([1], at: "gridpilot.sqlite.new-\(getpid())")
            try put([1], at: "gridpilot.sqlite.new-999999999-wal")
            try put([1, 2, 3], at: "gridpilot.sqlite-wal")
            try put([], at: "gridpilot.sqlite-journal")
        }
    }

    fileprivate func make(_ before: (NewStoreFile.Step) throws(Errno) -> Void = { _ throws(Errno) in }) -> StoreError? {
        withoutActuallyEscaping(before) { before in
            do throws(StoreError) {
                try NewStoreFile(path: file, identity: "the identity", before: before).make()
                return nil
            } catch {
                return error
            }
        }
    }

    func put(_ bytes: [UInt8], at name: String) throws {
        try Data(bytes).write(to: path.appendingPathComponent(name))
    }

    func names() throws -> [String] { try Files.names(in: path.path) }

    func read(_ sql: String) throws -> String? {
        let queue = try DatabaseQueue(path: file)
        defer { try? queue.close() }  // Only read.
        return try queue.read { try String.fetchOne($0, sql: sql) }
    }
}
