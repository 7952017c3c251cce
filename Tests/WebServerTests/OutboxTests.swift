import Testing

@testable import WebServer

@Suite struct OutboxTests {
    private let limits: WebServer.Limits = {
        var limits = WebServer.Limits()
        (limits.outboxFrames, limits.outboxBytes) = (3, 10)
        return limits
    }()

    @Test func `events leave in the order they came, before readings`() {
        var outbox = Outbox()
        let (first, second, reading) = (Frame("1"), Frame("2"), Frame("r"))
        outbox.put(reading, key: "disk", limits: limits)
        let taken = [first, second].map { outbox.append($0, limits: limits) }
        let left = (0..<4).map { _ in outbox.next() }
        #expect(taken == [true, true])
        #expect(left.map { $0.map(ObjectIdentifier.init) } == [first, second, reading].map(ObjectIdentifier.init) + [nil])
        #expect(outbox.isEmpty && outbox.bytes == 0)
    }

    @Test func `of a key the latest reading replaces the one that waits`() {
        var outbox = Outbox()
        let (latest, other) = (Frame("new"), Frame("other"))
        outbox.put(Frame("old"), key: "disk", limits: limits)
        outbox.put(other, key: "scope", limits: limits)
        outbox.put(latest, key: "disk", limits: limits)
        let left = [outbox.next(), outbox.next()]
        #expect(left[0] === latest && left[1] === other)
        #expect(outbox.isEmpty && outbox.bytes == 0)
    }

    @Test func `readings make room for events`() {
        var outbox = Outbox()
        outbox.put(Frame("12345678"), key: "disk", limits: limits)
        let isTaken = outbox.append(Frame("12345"), limits: limits)
        #expect(isTaken && outbox.bytes == 5)
    }

    @Test func `too many events are told to the caller`() {
        var outbox = Outbox()
        let taken = (0..<4).map { _ in outbox.append(Frame("x"), limits: limits) }
        #expect(taken == [true, true, true, false])
    }

    @Test func `too many bytes are told to the caller, but a single frame may be large`() {
        var outbox = Outbox()
        let taken = ["a single large frame", "x"].map { outbox.append(Frame($0), limits: limits) }
        #expect(taken == [true, false])
    }

    @Test func `a snapshot takes the place of all that waits of its topic, and of nothing else`() {
        var outbox = Outbox()
        for text in ["a1", "b1", "a2"] { _ = outbox.append(Frame(text, of: String(text.prefix(1))), limits: limits) }
        _ = outbox.append(Frame(snapshot: Array("A".utf8), of: "a"), limits: limits)
        _ = outbox.append(Frame("a3", of: "a"), limits: limits)
        #expect(outbox.bytes == 5)
        let left = (0..<3).compactMap { _ in outbox.next()?.text }
        #expect(left == ["b1", "A", "a3"])
        #expect(outbox.isEmpty && outbox.bytes == 0)
    }

    @Test func `of a topic that is lost nothing that waits is told, and of others all`() {
        var outbox = Outbox()
        for (topic, event, reading) in [("a", "a1", "a2"), ("b", "b1", "b2")] {
            _ = outbox.append(Frame(event, of: topic), limits: limits)
            outbox.put(Frame(reading, of: topic), key: "\(topic)/step", limits: limits)
        }
        _ = outbox.append(Frame(lastWord: Array("a!".utf8), on: "a"), limits: limits)
        let left = (0..<3).compactMap { _ in outbox.next()?.text }
        #expect(left == ["b1", "a!", "b2"])
        #expect(outbox.isEmpty && outbox.bytes == 0)
    }

    @Test func `beside one snapshot of any size no more may wait than beside none`() {
        var outbox = Outbox()
        let large = [UInt8](repeating: 120, count: 1000)
        var taken = [outbox.append(Frame(snapshot: large, of: "a"), limits: limits)]
        taken += ["12345", "12345", "1"].map { outbox.append(Frame($0), limits: limits) }
        #expect(taken == [true, true, true, false])
        var other = Outbox()
        let both = ["a", "b"].map { other.append(Frame(snapshot: large, of: $0), limits: limits) }
        #expect(both == [true, false])
    }

    @Test func `a long run of events keeps its order`() {
        var limits = limits
        (limits.outboxFrames, limits.outboxBytes) = (10_000, 1 << 20)
        var outbox = Outbox()
        var sent: [Int] = []
        for number in 0..<2000 {
            _ = outbox.append(Frame(String(repeating: "x", count: number)), limits: limits)
            if number % 3 > 0, let frame = outbox.next() { sent.append(frame.count) }
        }
        while let frame = outbox.next() { sent.append(frame.count) }
        #expect(sent == Array(0..<2000))
    }
}
