import Blocking
import Foundation
import GRDB
import RunModel
import Testing

@testable import Store

@Suite struct StoreBackupTests {
    private let moment = Timestamp(milliseconds: 1_795_377_600_000)

    @Test func `a backup of a store that is written to is whole, and one file`() throws {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file)
        _ = try SampleRun.whole.tell(to: store)
        try RunStore.backUp(folder.file, to: folder.backup)
        // Still the server's.
        try store.prove(at: moment)
        #expect(RunStore.problem(of: folder.backup) == nil)
        #expect(try RunStore.identity(at: folder.backup) == store.identity)
        #expect(try folder.names().filter { $0.hasPrefix("backup") } == ["backup.sqlite"])
        #expect(Files.status(folder.backup)?.permissions == .ownerReadWrite)
        let copy = try RunStore.open(at: folder.backup)
        #expect(try copy.state(of: SampleRun.session) == store.state(of: SampleRun.session))
    }

    @Test func `a backup never takes the place of a file`() throws {
        let folder = try Folder()
        try folder.fill()
        try folder.put([1], at: "backup.sqlite")
        #expect(throws: StoreError.self) { try RunStore.backUp(folder.file, to: folder.backup) }
        #expect(try folder.names().filter { $0.hasPrefix("backup") } == ["backup.sqlite"])
        #expect(try Files.read(folder.backup) == [1])
    }

    @Test func `what is damaged, foreign or empty is not taken for a backup, and nothing changes`() throws {
        let folder = try Folder()
        try folder.fill()
        let before = try Files.read(folder.file)
        var bytes = before
        for page in 1..<(bytes.count / 4096) { for place in 0..<64 { bytes[page * 4096 + place] = 0xAA } }
        for (content, code) in [
            (bytes, "store.damaged"), ([UInt8](repeating: 65, count: 5000), "store.foreign"), ([], "store.foreign"),
        ] {
            try folder.put(content, at: "backup.sqlite")
            let problem = #expect(throws: StoreError.self) { try RunStore.restore(folder.backup, at: folder.file) }
            #expect(problem?.code == code)
            #expect(problem?.sentence.contains(folder.backup) == true)
            #expect(RunStore.problem(of: folder.backup)?.code == code)
        }
        #expect(try Files.read(folder.file) == before)
        #expect(try folder.names().allSatisfy { !$0.contains("restored") && !$0.contains(".new-") })
    }

    @Test func `a restored store is the backup's, and the one before is kept`() throws {
        let folder = try Folder()
        let backup = try folder.backedUp()
        let kept = try #require(try RunStore.restore(folder.backup, at: folder.file))
        let store = try RunStore.open(at: folder.file)
        #expect(try store.epoch(of: "scope-1") == 1)
        #expect(store.identity == backup)
        #expect(try RunStore.open(at: kept).epoch(of: "scope-1") == 2)
        #expect(kept.hasPrefix("\(folder.file).before-20"))
    }

    @Test func `a store is restored where none was`() throws {
        let folder = try Folder()
        _ = try folder.backedUp()
        for name in try folder.names() where name.hasPrefix("gridpilot") { Files.removeTree("\(folder.path.path)/\(name)") }
        #expect(try RunStore.restore(folder.backup, at: folder.file) == nil)
        #expect(try RunStore.open(at: folder.file).epoch(of: "scope-1") == 1)
    }

    @Test(arguments: 0..<4) func `a restoring that is cut short is carried through by the next opening`(step: Int) throws {
        let folder = try Folder()
        _ = try folder.backedUp(leavesLog: true)
        var restore = StoreRestore(path: folder.file)
        try restore.prepare(folder.backup)
        var left = step
        try withoutActuallyEscaping({ () throws(Errno) in
            guard left > 0 else { throw .ioError }
            left -= 1
        }) { death throws in
            restore.before = death
            #expect(throws: StoreError.self) { try restore.finish() }
            restore.before = { () throws(Errno) in }
        }
        let store = try RunStore.open(at: folder.file)
        #expect(try store.epoch(of: "scope-1") == 1)
        // It is told of, once, with what is kept of the one before.
        #expect(store.restored?.kept?.hasPrefix("\(folder.file).before-") == true)
        try store.close()
        #expect(try RunStore.open(at: folder.file).restored == nil)
        let kept = try folder.names().filter { $0.contains(".before-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
        #expect(kept.count == 1)
        #expect(try RunStore.open(at: "\(folder.path.path)/\(kept[0])").epoch(of: "scope-1") == 2)
        #expect(!RunStore.isRestoring(folder.file))
    }

    @Test func `a restoring in which something has vanished is not told as done`() throws {
        let folder = try Folder()
        _ = try folder.backedUp()
        var restore = StoreRestore(path: folder.file)
        try restore.prepare(folder.backup)
        restore.before = { () throws(Errno) in throw .noSuchFileOrDirectory }
        #expect(throws: StoreError.self) { try restore.finish() }
        #expect(RunStore.isRestoring(folder.file))
    }

    @Test(arguments: OlderStoreTests.files) func `a store of an older version can be backed up and restored`(name: String) throws
    {
        let kept = try #require(Bundle.module.url(forResource: name, withExtension: "sqlite", subdirectory: "Resources"))
        let folder = try Folder()
        try FileManager.default.copyItem(atPath: kept.path, toPath: folder.file)
        try RunStore.backUp(folder.file, to: folder.backup)
        _ = try RunStore.restore(folder.backup, at: folder.file)
        #expect(try RunStore.open(at: folder.file).sessions().count == 1)
    }
}

extension Folder {
    var backup: String { path.appendingPathComponent("backup.sqlite").path }

    /// A backup of the first epoch, beside a store that has gone on to the second; its log stays where a server was killed.
    fileprivate func backedUp(leavesLog: Bool = false) throws -> String {
        let store = try RunStore.open(at: file)
        _ = try store.nextEpoch(of: "scope-1")
        try RunStore.backUp(file, to: backup)
        _ = try store.nextEpoch(of: "scope-1")
        let log = try Files.read("\(file)-wal")
        try store.close()
        if leavesLog { try put(log, at: "gridpilot.sqlite-wal") }
        return store.identity
    }
}
