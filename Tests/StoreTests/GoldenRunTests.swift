import Foundation
import JSONText
import RunModel
import Store
import Testing

/// The golden files in RunModelTests are this run; `GRIDPILOT_REWRITE_GOLDEN=1` writes them anew after a change of the news.
@Suite struct GoldenRunTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("RunModelTests/Golden")

    @Test func `the sample run is told as the golden file says`() throws {
        let told = try SampleRun.whole.tell(to: try RunStore.inMemory())
        let lines = try told.map { try Self.frame($0) }.joined(separator: "\n") + "\n"
        try Self.compare(lines, with: "events.jsonl")
    }

    @Test func `the sample run ends in the golden states`() throws {
        let store = try RunStore.inMemory()
        _ = try SampleRun.whole.tell(to: store)
        let session = try #require(try store.state(of: SampleRun.session))
        let grid = try #require(try store.state(of: SampleRun.first))
        try Self.compare(try JSONText.encode(session.state) + "\n", with: "session.json")
        try Self.compare(try JSONText.encode(grid.state) + "\n", with: "grid.json")
        let second = try #require(try store.state(of: SampleRun.second))
        try Self.compare(try JSONText.encode(second.state) + "\n", with: "grid-under-way.json")
        try Self.compare(try JSONText.encode(store.facility().state) + "\n", with: "facility.json")
    }

    @Test func `the sample run holds every type of event`() {
        let types = Set(SampleRun.whole.entries.flatMap { $0.entry.events.map(\.type) })
        #expect(types.count == 36)
    }

    private static func frame(_ event: TopicEvent) throws -> String {
        var frame: [String: JSONValue] = [
            "topic": .string(event.topic.text), "kind": "event", "seq": .integer(Int(event.seq)),
            "previous": .integer(Int(event.previous)), "at": .string(event.at.description), "type": .string(event.type),
            "data": try JSONText.parse(event.data),
        ]
        frame["command"] = event.command.map { .string($0.rawValue) }
        return JSONText.write(.object(frame))
    }

    private static func compare(_ text: String, with name: String) throws {
        let file = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["GRIDPILOT_REWRITE_GOLDEN"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        #expect(text == golden, "\(name) differs")
    }
}

extension SampleRun {
    /// Writes all of it; returns what was told, in order.
    func tell(to store: RunStore) throws -> [TopicEvent] {
        try entries.flatMap { entry, at in
            for case .lockTaken(let news) in entry.events {
                let epoch = try store.nextEpoch(of: news.microscope)
                #expect(epoch == news.holder.epoch)
            }
            return try store.append(entry, at: at).told
        }
    }
}
