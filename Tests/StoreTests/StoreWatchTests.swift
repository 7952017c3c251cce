import Foundation
import RunModel
import Testing

@testable import Store

@Suite struct StoreWatchTests {
    private let moment = Timestamp(milliseconds: 1_795_377_600_000)

    @Test func `a store whose directory was taken away takes nothing until it is back`() throws {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file)
        _ = try SampleRun.whole.tell(to: store)
        let before = try store.newestSeq()
        let away = folder.path.appendingPathExtension("away")
        try FileManager.default.moveItem(at: folder.path, to: away)
        for write in [Self.prove, Self.takeLock, Self.signOut] {
            #expect(throws: StoreError.gone(path: folder.file, another: false)) { try write(store) }
        }
        // What was written is still shown.
        #expect(try store.newestSeq() == before)
        try FileManager.default.moveItem(at: away, to: folder.path)
        try store.prove(at: moment)
        #expect(try store.lastProof() == moment)
    }

    @Test(arguments: ["", "-wal"]) func `another file in the place of the store's is not taken for it`(name: String) throws {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file)
        try store.prove(at: moment)
        let file = folder.file + name
        try FileManager.default.moveItem(atPath: file, toPath: "\(file).old")
        try FileManager.default.copyItem(atPath: "\(file).old", toPath: file)
        #expect(throws: StoreError.gone(path: file, another: true)) { try store.prove(at: moment) }
        #expect(throws: StoreError.gone(path: file, another: true)) { try store.look() }
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.moveItem(atPath: "\(file).old", toPath: file)
        try store.look()
    }

    @Test func `a store that another process reads and closes stays the same`() throws {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file)
        try RunStore.open(at: folder.file).close()
        _ = RunStore.check(folder.file)
        try store.prove(at: moment)
    }

    @Test func `what is missing may come back, so that it is tried again`() {
        #expect(StoreError.gone(path: "", another: false).mayPass && StoreError.disk(path: "", reason: "").mayPass)
    }

    private static func prove(_ store: RunStore) throws { try store.prove(at: Timestamp(milliseconds: 1)) }
    private static func takeLock(_ store: RunStore) throws { _ = try store.nextEpoch(of: "scope-1") }
    private static func signOut(_ store: RunStore) throws { try store.change(.revoke(hash: "a")) }
}
