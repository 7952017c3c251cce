import Foundation
import JSONText
import RunModel
import Testing

/// The golden events end in the golden states; `Tests/WebTests/state.test.js` folds the same files with the page's own folds.
@Suite struct GoldenFoldTests {
    private let events: [Frame]

    init() throws {
        events = try Self.text("events.jsonl").split(separator: "\n").map { try Frame(String($0)) }
    }

    @Test func `the run page's state is the golden one`() throws {
        let created = try #require(events.compactMap(\.created).first)
        try expect(SessionState(created), on: .session(created.session.id), is: "session.json")
    }

    @Test(arguments: [(3, "grid.json"), (6, "grid-under-way.json")])
    func `a grid report's state is the golden one`(slot: Int, file: String) throws {
        let created = try #require(events.compactMap(\.created).first)
        let grid = try #require(created.grids.first { $0.slot == slot })
        try expect(GridState(grid, of: created), on: .grid(grid.id), is: file)
    }

    @Test func `the facility's state is the golden one`() throws {
        try expect(FacilityState(microscopes: []), on: .facility, is: "facility.json")
    }

    @Test func `each event reads back as it was written, and is told where it says`() throws {
        for frame in events {
            #expect(try JSONText.value(of: frame.stored.event.data) == frame.data, "\(frame.stored.seq)")
            #expect(frame.stored.topics.contains(frame.topic))
        }
        #expect(Set(events.map(\.stored.event.kind)) == Set(RunEvent.Kind.allCases))
    }

    @Test func `an unknown type is nil and bad data is refused`() throws {
        #expect(try RunEvent(type: "unheardOf", from: Text(value: .object([:]))) == nil)
        #expect(throws: (any Error).self) { try RunEvent(type: "runMoved", from: Text(value: .object([:]))) }
    }

    private func expect<State: LiveState>(_ beginning: State, on topic: Topic, is file: String) throws {
        var state = beginning
        for frame in events where frame.topic == topic { state.apply(frame.stored) }
        let golden = try Self.text(file)
        #expect(try JSONText.encode(state) + "\n" == golden)
        #expect(try JSONText.decode(State.self, from: golden) == state)
    }

    private static func text(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
        return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    private struct Text: EventData {
        let value: JSONValue
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONText.decode(type, from: value) }
    }

    private struct Frame {
        let topic: Topic
        let data: JSONValue
        let stored: StoredEvent
        var created: SessionCreated? {
            if case .sessionCreated(let news) = stored.event { news } else { nil }
        }

        init(_ line: String) throws {
            let frame = try JSONText.parse(line)
            topic = try #require(Topic(frame["topic"]?.text ?? ""))
            data = try #require(frame["data"])
            let type = try #require(frame["type"]?.text)
            stored = StoredEvent(
                seq: Int64(try #require(frame["seq"]?.int)), at: try #require(Timestamp(frame["at"]?.text ?? "")),
                session: "20261122_tubulin", event: try #require(try RunEvent(type: type, from: Text(value: data))),
                command: frame["command"]?.text.map(CommandID.init(unchecked:)))
        }
    }
}
