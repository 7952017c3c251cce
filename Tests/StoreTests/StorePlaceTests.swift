import Blocking
import Foundation
import GRDB
import RunModel
import Testing

@testable import Store

/// What may stand where a store, its log or a restored backup belongs.
@Suite(.timeLimit(.minutes(1))) struct StorePlaceTests {
    enum Stranger: CaseIterable {
        case pipe, socket, folder, nothingness, zeros, linkToEmpty, secondName

        func put(at path: String, in folder: Folder) throws {
            let other = folder.path.appendingPathComponent("other").path
            switch self {
            case .pipe: try #require(mkfifo(path, 0o600) == 0)
            case .socket: try #require(mknod(path, S_IFSOCK | 0o600, 0) == 0)
            case .folder: try #require(mkdir(path, 0o700) == 0)
            case .nothingness: try #require(symlink("/dev/null", path) == 0)
            case .zeros: try #require(symlink("/dev/zero", path) == 0)
            case .linkToEmpty:
                try folder.put([], at: "other")
                try #require(symlink(other, path) == 0)
            case .secondName:
                try folder.put([], at: "other")
                try #require(link(other, path) == 0)
            }
        }
    }

    @Test(arguments: Stranger.allCases) func `what is no file of its own is no place for a new store`(stranger: Stranger) throws {
        let folder = try Folder()
        try stranger.put(at: folder.file, in: folder)
        let before = try Mark(folder.file)
        let names = try folder.names()
        #expect(throws: StoreError.foreign(path: folder.file)) { try RunStore.open(at: folder.file) }
        #expect(throws: StoreError.foreign(path: folder.file)) { try RunStore.identity(at: folder.file) }
        #expect(throws: StoreError.foreign(path: folder.file)) { try RunStore.backUp(folder.file, to: folder.backup) }
        #expect(RunStore.problem(of: folder.file) == .foreign(path: folder.file))
        #expect(RunStore.check(folder.file) == [StoreError.foreign(path: folder.file).explanation])
        #expect(try Mark(folder.file) == before && folder.names() == names)
    }

    @Test func `a link that leads nowhere asks for its disk`() throws {
        let folder = try Folder()
        try #require(symlink("/nowhere/at/all.sqlite", folder.file) == 0)
        let expected = StoreError.leadsNowhere(path: folder.file, target: "/nowhere/at/all.sqlite")
        #expect(throws: expected) { try RunStore.open(at: folder.file) }
        #expect(
            expected.sentence
                == "\(folder.file) is a link to /nowhere/at/all.sqlite, where there is nothing: is its disk mounted?")
        #expect(try folder.names() == ["gridpilot.sqlite"])
    }

    @Test func `a store may lie where a link leads`() throws {
        let (folder, other) = (try Folder(), try Folder())
        try other.fill()
        try #require(symlink(other.file, folder.file) == 0)
        #expect(try RunStore.open(at: folder.file).state(of: SampleRun.session) != nil)
        #expect(try RunStore.identity(at: folder.file) != nil)
    }

    // One that a link leads to has its log beside itself.
    @Test(arguments: ["-journal", "-wal", "-shm"], [true, false])
    func `what stands in a log's place and is no file is told by its name`(end: String, isPipe: Bool) throws {
        let (folder, linked) = (try Folder(), try Folder())
        try folder.fill()
        for name in try folder.names() where name != "gridpilot.sqlite" { unlink("\(folder.path.path)/\(name)") }
        try #require(symlink(folder.file, linked.file) == 0)
        let log = folder.file + end
        try #require(isPipe ? mkfifo(log, 0o600) == 0 : symlink("/dev/null", log) == 0)
        let expected = StoreError.foreign(path: log)
        for file in [folder.file, linked.file] {
            #expect(throws: expected) { try RunStore.open(at: file) }
            #expect(throws: expected) { try RunStore.identity(at: file) }
            #expect(RunStore.problem(of: file) == expected)
            #expect(RunStore.check(file) == [expected.explanation])
        }
        unlink(folder.file)
        #expect(throws: expected) { try RunStore.open(at: folder.file) }
        #expect(!Files.isTaken(folder.file))
    }

    enum Waiting: CaseIterable { case empty, text, database, damaged, folder, pipe, linkToBackup, danglingLink }

    @Test(arguments: Waiting.allCases) func `nothing but a store takes a store's place, and nothing is moved for it`(
        kind: Waiting
    ) throws {
        let folder = try Folder()
        try folder.fill()
        let identity = try RunStore.identity(at: folder.file)
        let waiting = "\(folder.file).restored"
        try RunStore.backUp(folder.file, to: folder.backup)
        switch kind {
        case .empty: try folder.put([], at: "gridpilot.sqlite.restored")
        case .text: try folder.put(Array(repeating: 65, count: 5000), at: "gridpilot.sqlite.restored")
        case .database:
            let queue = try DatabaseQueue(path: waiting)
            try queue.write { try $0.execute(sql: "CREATE TABLE recipes (name TEXT)") }
            try queue.close()
        case .damaged:
            var bytes = try Files.read(folder.backup)
            for page in 1..<(bytes.count / 4096) { for place in 0..<64 { bytes[page * 4096 + place] = 0xAA } }
            try folder.put(bytes, at: "gridpilot.sqlite.restored")
        case .folder: try #require(mkdir(waiting, 0o700) == 0)
        case .pipe: try #require(mkfifo(waiting, 0o600) == 0)
        case .linkToBackup: try #require(symlink(folder.backup, waiting) == 0)
        case .danglingLink: try #require(symlink("/nowhere/at/all", waiting) == 0)
        }
        let (before, names) = (try Mark(folder.file), try folder.names())
        #expect(throws: StoreError.foreign(path: waiting)) { try RunStore.open(at: folder.file) }
        #expect(throws: StoreError.foreign(path: waiting)) { try RunStore.restore(folder.backup, at: folder.file) }
        #expect(RunStore.isRestoring(folder.file))
        #expect(try Mark(folder.file) == before && folder.names() == names)
        Files.removeTree(waiting)
        let store = try RunStore.open(at: folder.file)
        #expect(try store.identity == identity && store.state(of: SampleRun.session) != nil)
    }

    @Test func `a link in the store's place that leads nowhere is kept beside what is restored`() throws {
        let folder = try Folder()
        try folder.fill()
        try RunStore.backUp(folder.file, to: folder.backup)
        unlink(folder.file)
        try #require(symlink("/nowhere/at/all.sqlite", folder.file) == 0)
        let kept = try #require(try RunStore.restore(folder.backup, at: folder.file))
        #expect(try Files.linkTarget(kept) == "/nowhere/at/all.sqlite")
        #expect(try RunStore.open(at: folder.file).state(of: SampleRun.session) != nil)
    }

    // No process has so high a number, and the first one lives.
    @Test func `what a restoring that was killed left half made goes at the next opening`() throws {
        let folder = try Folder()
        try folder.fill()
        for end in ["999999999", "999999999-journal", "\(getpid())-wal", "1"] {
            try folder.put([1], at: "gridpilot.sqlite.restored.new-\(end)")
        }
        try folder.put([1], at: "gridpilot.sqlite.restored.new-999999999.txt")
        try RunStore.open(at: folder.file).close()
        let left = try folder.names().filter { $0.contains(".restored") }
        #expect(left == ["gridpilot.sqlite.restored.new-1", "gridpilot.sqlite.restored.new-999999999.txt"])
    }

    @Test func `what a backup that was killed left half made goes with the next`() throws {
        let folder = try Folder()
        try folder.fill()
        for end in ["999999999", "999999999-journal"] {
            for name in ["backup.sqlite", "older.sqlite", "notes"] { try folder.put([1], at: "\(name).new-\(end)") }
        }
        try RunStore.backUp(folder.file, to: folder.backup)
        #expect(try !folder.names().contains { $0.hasPrefix("backup.sqlite.new-") })
        #expect(try folder.names().contains("older.sqlite.new-999999999"))
        RunStore.removeAbandonedDrafts(in: folder.path.path)
        #expect(try folder.names().filter { $0.contains(".new-") } == ["notes.new-999999999", "notes.new-999999999-journal"])
    }

    @Test
    func `a copy of any name that was killed half made goes with the next one into its folder, and one that is worked on stays`()
        throws
    {
        let folder = try Folder()
        for name in ["today", "kept", "backup.sqlite"] { try folder.put([1], at: "\(name).gridpilot.new-999999999") }
        try folder.put([1], at: "kept.gridpilot.new-999999999-journal")
        // As one of another container, whose numbers mean nothing here.
        let held = try Files.openOwn("\(folder.path.path)/kept.gridpilot.new-999999999", .readWrite)
        #expect(OpenFileLock.draft.take(held) == .mine)
        RunStore.removeAbandonedDrafts(in: folder.path.path)
        let left = ["kept.gridpilot.new-999999999", "kept.gridpilot.new-999999999-journal"]
        #expect(try folder.names().filter { $0.contains(".new-") } == left)
        try held.close()
        RunStore.removeAbandonedDrafts(in: folder.path.path)
        // What is removed first is no longer asked about for its log.
        #expect(try folder.names().allSatisfy { !$0.contains(".new-") })
    }

    @Test func `a copy is not written through a link in its draft's place`() throws {
        let folder = try Folder()
        try folder.fill()
        try folder.put([1, 2, 3], at: "other")
        let other = folder.path.appendingPathComponent("other").path
        for end in ["", "-journal"] { try #require(symlink(other, "\(folder.backup).gridpilot.new-\(getpid())\(end)") == 0) }
        try RunStore.backUp(folder.file, to: folder.backup)
        #expect(try Files.read(other) == [1, 2, 3])
        #expect(Files.status(folder.backup, followsLinks: false)?.type == .regular)
        #expect(RunStore.problem(of: folder.backup) == nil)
    }

    @Test func `a store whose log was removed after its program was cut short is told, until it is opened`() throws {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file)
        _ = try SampleRun.whole.tell(to: store)
        #expect(!RunStore.lostItsLog(folder.file))
        let cut = folder.path.appendingPathComponent("cut.sqlite").path
        for end in ["", "-shm"] { try folder.put(try Files.read(folder.file + end, limit: 64 << 20), at: "cut.sqlite\(end)") }
        #expect(RunStore.lostItsLog(cut))
        try store.close()
        #expect(!RunStore.lostItsLog(folder.file) && !RunStore.lostItsLog("/nowhere"))
    }

    @Test func `a copy that was taken without its log is told from a backup`() throws {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file)
        _ = try SampleRun.whole.tell(to: store)
        let hot = folder.path.appendingPathComponent("hot.sqlite").path
        try folder.put(try Files.read(folder.file, limit: 64 << 20), at: "hot.sqlite")
        #expect(RunStore.lacksItsLog(hot))
        // As a look at it makes one.
        try folder.put([], at: "hot.sqlite-wal")
        #expect(RunStore.lacksItsLog(hot))
        try folder.put(try Files.read("\(folder.file)-wal", limit: 64 << 20), at: "hot.sqlite-wal")
        #expect(!RunStore.lacksItsLog(hot))
        try RunStore.backUp(folder.file, to: folder.backup)
        #expect(!RunStore.lacksItsLog(folder.backup))
        #expect(!RunStore.lacksItsLog("/nowhere"))
    }
}

/// What a name stands for, without what it leads to.
private struct Mark: Equatable {
    var number: UInt64
    var kind: mode_t
    var bytes: Int

    init(_ path: String) throws {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        (number, kind, bytes) = (UInt64(status.st_ino), status.st_mode, Int(status.st_size))
    }
}
