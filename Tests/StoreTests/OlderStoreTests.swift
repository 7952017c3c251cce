import Foundation
import RunModel
import Testing

@testable import Store

/// Stores that earlier programs wrote, kept as they were: each opens, is read whole and is gone on with.
@Suite struct OlderStoreTests {
    /// Named for the last migration that they had. Each holds the sample run with enough news after it that every state has a checkpoint.
    static let files = ["schema-1", "schema-2", "schema-3", "schema-4", "schema-5", "schema-6"]

    @Test func `each migration that there is has a store from before the next one`() {
        #expect(Self.files == (1...Schema.migrator.migrations.count).map { "schema-\($0)" })
    }

    @Test(arguments: files) func `each state is the fold of its events`(name: String) throws {
        let (folder, store) = try Self.open(name)
        defer { withExtendedLifetime(folder) {} }
        let session = try #require(try store.state(of: SampleRun.session))
        let topics = [.facility, .session(SampleRun.session)] + session.state.grids.map { Topic.grid($0.grid.id) }
        let folded = try Folded(topics.flatMap { try store.events(on: $0, after: 0, limit: .max) })
        #expect(session.state == folded.session)
        #expect(session.state.grids.count == 2)
        for summary in session.state.grids {
            #expect(try store.state(of: summary.grid.id)?.state == folded.grids[summary.grid.id])
        }
        #expect(try store.facility().state == folded.facility)
        #expect(try store.micrographs(of: SampleRun.first)?.isEmpty == false)
    }

    @Test(arguments: files) func `it is healthy once it has been opened, and lists its session`(name: String) throws {
        let (folder, store) = try Self.open(name)
        #expect(try store.sessions().map(\.session.name) == ["tubulin"])
        #expect(
            try store.equipment().map(\.id)
                == (["schema-3", "schema-4", "schema-5", "schema-6"].contains(name) ? ["scope-1"] : []))
        #expect(
            try store.accounts().people.map(\.groups)
                == (["schema-2", "schema-4", "schema-5", "schema-6"].contains(name) ? [["demo"]] : []))
        try store.close()
        #expect(RunStore.check(folder.file).isEmpty)
    }

    @Test(arguments: files) func `its session goes on`(name: String) throws {
        let (folder, store) = try Self.open(name)
        defer { withExtendedLifetime(folder) {} }
        let last = try store.lastSeq(on: .session(SampleRun.session))
        let now = SampleRun.whole.now.advanced(bySeconds: 86_400)
        let notice = Notice(id: "later", kind: .info, sentence: "Another day.", raisedAt: now)
        let told = try store.append(Entry(session: SampleRun.session, events: [.noticeRaised(notice)]), at: now).told
        #expect(told.first?.previous == last)
        #expect(try store.state(of: SampleRun.session)?.state.notices.last == notice)
    }

    /// What was written before there was a chain is its beginning, in the words of now.
    @Test(arguments: files) func `its audit log is a whole chain, and goes on`(name: String) throws {
        let (folder, store) = try Self.open(name)
        defer { withExtendedLifetime(folder) {} }
        let before = try store.audit(AuditFilter(isOldestFirst: true)).map(\.entry)
        #expect(before.first?.subject == "equipment/scope-1" && before.first?.act == "keepEquipment")
        #expect(before.first?.author.person == "staff" && before.first?.detail == ["words": "microscope"])
        #expect(before.count == (["schema-4", "schema-5", "schema-6"].contains(name) ? 2 : 1))
        try store.append(audit: AuditEntry(at: SampleRun.whole.now, by: .test, "stop", on: "session/s1"))
        let check = try store.checkAudit()
        #expect(check.problem == nil && Int(check.count) == before.count + 1)
    }

    /// A copy, since opening a store brings it up to date.
    private static func open(_ name: String) throws -> (folder: Folder, store: RunStore) {
        let kept = try #require(Bundle.module.url(forResource: name, withExtension: "sqlite", subdirectory: "Resources"))
        let folder = try Folder()
        try FileManager.default.copyItem(at: kept, to: URL(fileURLWithPath: folder.file))
        return (folder, try RunStore.open(at: folder.file))
    }
}
