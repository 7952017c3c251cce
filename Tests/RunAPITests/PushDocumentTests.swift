import Foundation
import JSONText
import RunModel
import Store
import Testing

@testable import RunAPI

/// `docs/push.md` and the code say the same.
@Suite struct PushDocumentTests {
    /// Examples by the heading they stand under.
    private func text(of file: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
    }

    private func examples() throws -> [String: [String]] {
        var (examples, heading, isExample) = ([String: [String]](), "", false)
        for line in try text(of: "docs/push.md").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isExample = line == "```json"
            } else if isExample {
                examples[heading, default: []].append(String(line))
            } else if line.hasPrefix("#") {
                heading = line.drop { $0 == "#" || $0 == " " }.filter { $0 != "`" }
            }
        }
        return examples
    }

    @Test func `what a client may say is understood`() throws {
        let said = try #require(try examples()["What a client says"])
        let read = try said.map { try PushRequest.read($0) }
        #expect(
            read == [
                .subscribe(topic: "session/20261122_tubulin", after: nil, store: nil),
                .subscribe(topic: "session/20261122_tubulin", after: 4711, store: "0d9b4f3e-6a0c-4f2e-9a57-1c2d3e4f5a6b"),
                .unsubscribe(topic: "session/20261122_tubulin"),
            ])
    }

    @Test(arguments: RunEvent.Kind.allCases)
    func `every event has an example that reads back the same`(_ kind: RunEvent.Kind) throws {
        let found = try #require(try examples()[kind.rawValue])
        for example in found {
            let data = try JSONText.parse(example)
            let event = try #require(try RunEvent(type: kind.rawValue, from: WireData(value: data)))
            #expect(try JSONText.parse(JSONText.encode(event.data)) == data)
        }
    }

    @Test func `an end that an older program wrote still reads, without words of failures`() throws {
        let data = try JSONText.parse(#"{"grids":2,"gridsCompleted":2,"images":3,"seconds":312.5}"#)
        guard case .runCompleted(let news)? = try RunEvent(type: "runCompleted", from: WireData(value: data)) else {
            Issue.record("not read")
            return
        }
        #expect(news == RunCompleted(gridsCompleted: 2, grids: 2, images: 3, seconds: 312.5))
    }

    @Test(arguments: Prompt.Kind.allCases) func `every kind of prompt is described, and has words of its own on the page`(
        kind: Prompt.Kind
    ) throws {
        let answers = kind.answers.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        #expect(try text(of: "docs/push.md").contains("`\(kind.rawValue)` ("))
        #expect(try text(of: "docs/push.md").contains(answers))
        let page = try text(of: "web/views/promptWords.js")
        // One row says what the card asks, the other what the tab's title does.
        #expect(page.ranges(of: try Regex("\\b\(kind.rawValue)[:(]")).count == 2)
    }

    @Test func `frames have the fields that the examples show`() throws {
        let examples = try examples()
        let topic = Topic.session("20261122_tubulin")
        let at = Timestamp(milliseconds: 0)
        let told = TopicEvent(
            topic: topic, seq: 12, previous: 10, at: at, type: "runMoved", data: "{\"status\":\"running\"}", command: nil,
            session: "20261122_tubulin")
        let line = StoredLogLine(n: 17, previous: 16, at: at, session: "s", log: .imaging, line: LogLine(.info, "stage", "Moved"))
        let frames = [
            "snapshot": Envelope.snapshot(.facility, seq: 1, store: "x", at: at, state: [:]), "event": Envelope.event(told),
            "reading": Envelope.reading(topic, type: "disk", at: at, data: [:]), "heartbeat": Envelope.heartbeat(at: at),
            "problem": Envelope.problem(.unknown("session", "nothing"), topic: "session/nothing"),
            "Log lines": Envelope.line(line),
        ]
        for (heading, frame) in frames {
            let example = try JSONText.parse(try #require(examples[heading]?.first, "\(heading)"))
            let written = try JSONText.parse(frame.text)
            #expect(written.fields?.keys.sorted() == example.fields?.keys.sorted(), "\(heading)")
            #expect(written["kind"] == example["kind"], "\(heading)")
        }
    }
}
