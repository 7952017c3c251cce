import Foundation
import JSONText
import RunModel
import Testing

@testable import Store

/// Checkpoints save time; what they say counts only where the fold of this program wrote it.
@Suite struct CheckpointTests {
    @Test(arguments: ["{}", "not even JSON", ""])
    func `a checkpoint that cannot be read is passed over, and the state folded from its events`(text: String) throws {
        let (folder, told) = try Self.filled()
        try folder.execute("UPDATE checkpoints SET state = '\(text)'")
        try Self.expect(folder, tells: told)
    }

    @Test func `a checkpoint that another fold wrote is passed over, and the state folded from its events`() throws {
        let (folder, told) = try Self.filled()
        try folder.execute("UPDATE checkpoints SET fold = 'another', state = replace(state, 'tubulin', 'actin')")
        try Self.expect(folder, tells: told)
    }

    @Test func `a checkpoint of this fold is used`() throws {
        let (folder, _) = try Self.filled()
        try folder.execute("UPDATE checkpoints SET state = replace(state, 'tubulin', 'actin')")
        let session = try RunStore.open(at: folder.file).state(of: SampleRun.session)
        #expect(session?.state.session.name == "actin")
    }

    @Test func `the next checkpoint takes the place of one that was passed over`() throws {
        let (folder, _) = try Self.filled()
        try folder.execute("UPDATE checkpoints SET fold = 'another'")
        let store = try RunStore.open(at: folder.file)
        let row = Entry(
            session: SampleRun.session, events: [.pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: true, by: "operator"))])
        _ = try store.append(row, at: SampleRun.whole.now)
        let topic = Topic.session(SampleRun.session).text
        let fold = try store.reading { try $0.text("SELECT fold FROM checkpoints WHERE topic = ?", [topic]) }
        #expect(fold == FoldVersion.current)
    }

    private static func filled() throws -> (Folder, [TopicEvent]) {
        let folder = try Folder()
        let store = try RunStore.open(at: folder.file)
        var told = try SampleRun.whole.tell(to: store)
        var news = RandomNews(seed: 7)
        for _ in 0..<150 { told += try store.append(news.entry(), at: news.now).told }
        #expect(try store.reading { try $0.number("SELECT count(*) FROM checkpoints", []) } >= 2)
        try store.close()
        return (folder, told)
    }

    private static func expect(_ folder: Folder, tells told: [TopicEvent]) throws {
        let (store, folded) = (try RunStore.open(at: folder.file), try Folded(told))
        #expect(try store.state(of: SampleRun.session)?.state == folded.session)
        #expect(try store.state(of: SampleRun.second)?.state == folded.grids[SampleRun.second])
        #expect(try store.facility().state == folded.facility)
    }
}
