import JSONText
import RunModel
import Store
import TestSupport
import Testing

@testable import RunAPI

/// A page's memory: folds frames as `LiveState` does, and finds gaps by their numbers.
struct FoldedTopic {
    private(set) var state: JSONValue = .null
    private(set) var seq: Int64?
    private(set) var gaps = 0
    private(set) var doubles = 0

    mutating func take(_ frame: JSONValue, topic: Topic) throws {
        switch frame["kind"]?.text {
        case "snapshot":
            state = frame["state"] ?? .null
            seq = frame.seq
        case "event":
            guard let seq else {
                gaps += 1
                return
            }
            if frame.seq <= seq {
                doubles += 1
                return
            }
            if Int64(frame["previous"]?.int ?? -1) != seq {
                gaps += 1
                return
            }
            try fold(frame, topic)
            self.seq = frame.seq
        default: break
        }
    }

    private mutating func fold(_ frame: JSONValue, _ topic: Topic) throws {
        switch topic {
        case .log: state["lines"] = .array((state["lines"]?.items ?? []) + [frame["data"] ?? .null])
        case .session: state = try folded(SessionState.self, frame)
        case .grid: state = try folded(GridState.self, frame)
        case .facility: state = try folded(FacilityState.self, frame)
        }
    }

    private func folded<State: LiveState>(_ type: State.Type, _ frame: JSONValue) throws -> JSONValue {
        var live = try JSONText.decode(State.self, from: state)
        let data = WireData(value: frame["data"] ?? .null)
        let event = try #require(try RunEvent(type: frame["type"]?.text ?? "", from: data))
        let at = try #require(Timestamp(frame["at"]?.text ?? ""))
        live.apply(
            StoredEvent(seq: frame.seq, at: at, session: SessionID(unchecked: frame["session"]?.text ?? ""), event: event))
        return try JSONText.value(of: live)
    }

    /// Without what a snapshot adds for the person who reads it.
    var essence: JSONValue {
        var essence = state
        essence["me"] = nil
        essence["readings"] = nil
        return essence
    }
}

struct WireData: EventData {
    let value: JSONValue
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONText.decode(type, from: value) }
}

@Suite struct PushCutTests {
    @Test func `a page cut five hundred times ends as one that was never cut`() async throws {
        let bench = try await Bench()
        try await bench.feeding {
            let session = try await bench.session()
            #expect(await bench.ask("POST", "/api/sessions/\(session)/start").status == 202)
            let topics: [Topic] = [.facility, .session(session), .grid(GridID(session, slot: 1)), .log(session, .imaging)]
            let steady = await bench.page(as: .member)
            for topic in topics { await bench.subscribe(steady, topic.text) }
            let (turns, turn) = AsyncStream.makeStream(of: Int.self)
            async let writing: Void = write(bench, session, turns)
            var (folds, random) = (topics.map { _ in FoldedTopic() }, SeededGenerator(seed: 20_261_122))
            for _ in 1...500 {
                turn.yield(Int.random(in: 0..<5, using: &random))
                try await visit(bench, topics, &folds, &random, untilTheEnd: false)
            }
            turn.finish()
            try await writing
            try await visit(bench, topics, &folds, &random, untilTheEnd: true)
            try await compare(steady, topics, folds, bench)
        }
    }

    /// Opens a page where the last one was cut, folds some of what comes, and cuts it again.
    private func visit(
        _ bench: Bench, _ topics: [Topic], _ folds: inout [FoldedTopic], _ random: inout SeededGenerator, untilTheEnd: Bool
    ) async throws {
        let page = await bench.page(as: .member)
        for (topic, fold) in zip(topics, folds) {
            let isFresh = !untilTheEnd && Int.random(in: 0..<20, using: &random) == 0
            let store = Int.random(in: 0..<20, using: &random) == 0 ? "another" : bench.store.identity
            await bench.subscribe(page, topic.text, after: isFresh ? nil : fold.seq, store: store)
        }
        if untilTheEnd {
            for (topic, fold) in zip(topics, folds) {
                let (last, known) = (try bench.last(on: topic), fold.seq)
                await page.wait { frames, _, _ in
                    known == last || frames.contains { $0["topic"]?.text == topic.text && $0.seq == last }
                }
            }
        } else {
            for _ in 0..<Int.random(in: 0..<6, using: &random) { await Task.yield() }
        }
        await bench.api.feed.disconnected(page.id)
        // What was on its way when the link was cut never arrived.
        let frames = page.frames
        let arrived = untilTheEnd ? frames.count : Int.random(in: 0...frames.count, using: &random)
        for frame in frames.prefix(arrived) {
            guard let index = topics.firstIndex(where: { $0.text == frame["topic"]?.text }) else { continue }
            try folds[index].take(frame, topic: topics[index])
        }
    }

    private func compare(_ steady: PushPage, _ topics: [Topic], _ folds: [FoldedTopic], _ bench: Bench) async throws {
        for (topic, cut) in zip(topics, folds) {
            let last = try bench.last(on: topic)
            await steady.wait { frames, _, _ in frames.contains { $0["topic"]?.text == topic.text && $0.seq == last } }
            var whole = FoldedTopic()
            for frame in steady.frames where frame["topic"]?.text == topic.text { try whole.take(frame, topic: topic) }
            #expect(whole.gaps == 0 && whole.doubles == 0, "\(topic.text)")
            #expect(cut.gaps == 0 && cut.doubles == 0, "\(topic.text)")
            #expect(cut.seq == whole.seq, "\(topic.text)")
            #expect(cut.essence == whole.essence, "\(topic.text)")
        }
    }

    /// News of every kind of topic, some at each turn, while pages come and go.
    private func write(_ bench: Bench, _ session: SessionID, _ turns: AsyncStream<Int>) async throws {
        var random = SeededGenerator(seed: 7)
        let grid = GridID(session, slot: 1)
        let squares = (1...5).map { TargetID(square: $0, of: grid) }
        let found = squares.map {
            Target(
                id: $0, point: PixelPoint(x: 1, y: 2), size: 3, stage: StagePosition(x: .zero, y: .zero), targetClass: .good,
                brightness: 0.5)
        }
        try await bench.record(.squaresFound(SquaresFound(grid: grid, squares: found)), of: session)
        var number = 0
        var queued: Set<TargetID> = []
        for await count in turns {
            for _ in 0..<count {
                number += 1
                let event = event(number, squares, &queued, &random, bench.now)
                let lines = number % 4 == 0 ? [LogEntry(log: .imaging, line: LogLine(.info, "test", "Line \(number)"))] : []
                try await bench.record(event, of: session, lines: lines)
                if number % 50 == 0 { _ = try await bench.session("other\(number)", microscope: "scope-2") }
                bench.pass(seconds: 0.25)
            }
        }
    }

    private func event(
        _ number: Int, _ squares: [TargetID], _ queued: inout Set<TargetID>, _ random: inout SeededGenerator, _ now: Timestamp
    ) -> RunEvent {
        let cause = "cause\(Int.random(in: 0..<4, using: &random))"
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return .noticeRaised(Notice(id: cause, kind: .warn, sentence: "Notice \(number).", raisedAt: now))
        case 1: return .noticeCleared(NoticeCleared(id: cause))
        case 2: return .pauseBetweenGridsSet(PauseBetweenGridsSet(enabled: number % 2 == 0, by: "member"))
        default:
            var change = QueueChanged(grid: squares[0].grid, version: number)
            let target = squares[Int.random(in: 0..<squares.count, using: &random)]
            if queued.remove(target) != nil {
                change.removed = [target]
            } else {
                queued.insert(target)
                change.added = [QueueItem(id: target, exposures: 0, seconds: 60)]
            }
            return .queueChanged(change)
        }
    }
}

extension Bench {
    func last(on topic: Topic) throws -> Int64 {
        guard case .log(let session, let log) = topic else { return try store.lastSeq(on: topic) }
        return try store.lastLine(of: session, log: log)
    }
}
