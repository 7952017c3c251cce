import Foundation
import JSONText
import RunModel
import Testing

@testable import Store

/// The golden files in RunModelTests are this run; `GRIDPILOT_REWRITE_GOLDEN=1` writes them anew after a change of the news, and the
/// version of the fold by which older checkpoints are passed over.
@Suite struct GoldenRunTests {
    private static let isRewriting = ProcessInfo.processInfo.environment["GRIDPILOT_REWRITE_GOLDEN"] == "1"
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
        let (first, second) = (
            try #require(try store.state(of: SampleRun.first)), try #require(try store.state(of: SampleRun.second))
        )
        let states = [
            ("session.json", try JSONText.encode(session.state)), ("grid.json", try JSONText.encode(first.state)),
            ("grid-under-way.json", try JSONText.encode(second.state)),
            ("facility.json", try JSONText.encode(store.facility().state)),
        ].map { ($0, $1 + "\n") }
        for (name, state) in states { try Self.compare(state, with: name) }
        try Self.compareFold(makes: states.map(\.1).joined())
    }

    /// Whoever changes what the fold makes of the golden run changes what older checkpoints are worth.
    private static func compareFold(makes states: String) throws {
        // FNV-1a, 64 bits: short, and the same on every machine.
        let digest = states.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let version = String(digest, radix: 16)
        guard isRewriting else { return #expect(FoldVersion.golden == version, "the fold makes other states than before") }
        let file = folder.appendingPathComponent("../../../Sources/Store/FoldVersion.swift").standardizedFileURL
        let source = try String(contentsOf: file, encoding: .utf8)
        try source.replacing(FoldVersion.golden, with: version).write(to: file, atomically: true, encoding: .utf8)
    }

    @Test func `the sample run holds every type of event`() {
        let told = Set(SampleRun.whole.entries.flatMap { $0.entry.events.map(\.kind) })
        #expect(told == Set(RunEvent.Kind.allCases))
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
        if isRewriting {
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
