/// What waits to be sent to one client.
///
/// Events keep their order and are never left out; of the readings only the latest of each key waits. Events go first:
/// a reading that is late is merely old, while an event that is late holds up what follows it.
///
/// A client that reads too slowly loses its readings, then its link, and never an event without knowing: it is closed
/// with 1013 and comes back with the number of the last event it has. So its memory is bounded here, by
/// `Limits.outboxFrames` and `outboxBytes`. One snapshot comes on top of that, since nothing smaller would do instead; a
/// second one of the same topic takes the place of the first, so asking again and again makes nothing grow.
struct Outbox {
    private var events: [Frame] = []
    /// Where the queue begins. Taking from the front of an array moves the rest, which a long queue would pay for with
    /// every frame.
    private var firstEvent = 0
    private var readings: [String: Frame] = [:]
    private var readingOrder: [String] = []
    private(set) var bytes = 0

    var isEmpty: Bool { eventCount == 0 && readings.isEmpty }
    private var eventCount: Int { events.count - firstEvent }

    /// Takes an event in; false when the client is too far behind to keep. `sending`: what is on its way already, and holds memory as well.
    mutating func append(_ frame: Frame, limits: WebServer.Limits, sending: Frame? = nil) -> Bool {
        // A snapshot is over what a client may have waiting, wherever it is.
        let more = sending?.isSnapshot == false ? sending?.count ?? 0 : 0
        if frame.replacesEarlier { drop(frame.topic) }
        events.append(frame)
        bytes += frame.count
        if isOver(limits, with: more) { dropReadings() }
        // A single frame may be as large as it must.
        return eventCount <= limits.outboxFrames && (!isOver(limits, with: more) || eventCount == 1)
    }

    /// What a client that joins a topic anew, or has lost it, is not told any more.
    private mutating func drop(_ topic: String?) {
        for key in readingOrder where readings[key]?.topic == topic { bytes -= readings.removeValue(forKey: key)?.count ?? 0 }
        readingOrder.removeAll { readings[$0] == nil }
        let waiting = events[firstEvent...].filter { $0.topic != topic }
        guard waiting.count < eventCount else { return }
        bytes -= events[firstEvent...].reduce(0) { $0 + $1.count } - waiting.reduce(0) { $0 + $1.count }
        (events, firstEvent) = (Array(waiting), 0)
    }

    private func isOver(_ limits: WebServer.Limits, with more: Int = 0) -> Bool {
        guard bytes + more > limits.outboxBytes else { return false }
        let largestSnapshot = events[firstEvent...].lazy.filter(\.isSnapshot).map(\.count).max() ?? 0
        return bytes + more - largestSnapshot > limits.outboxBytes
    }

    /// Takes a reading in, or drops it when there is no room. One that replaces another keeps its place in the line, so
    /// that a busy key cannot push the others back for ever.
    mutating func put(_ frame: Frame, key: String, limits: WebServer.Limits) {
        if let old = readings[key] {
            bytes -= old.count
        } else {
            guard !isOver(limits, with: frame.count), readings.count < limits.outboxFrames else { return }
            readingOrder.append(key)
        }
        readings[key] = frame
        bytes += frame.count
    }

    /// What to send next; nil when nothing waits.
    mutating func next() -> Frame? {
        if firstEvent < events.count {
            return took(nextEvent())
        }
        guard !readingOrder.isEmpty, let frame = readings.removeValue(forKey: readingOrder.removeFirst()) else { return nil }
        return took(frame)
    }

    /// For a client that is being closed: what it will not get any more needs no memory.
    mutating func removeAll() {
        self = Outbox()
    }

    private mutating func nextEvent() -> Frame {
        let frame = events[firstEvent]
        firstEvent += 1
        if firstEvent == events.count {
            // An idle client keeps no memory for its last burst.
            events = []
            firstEvent = 0
        } else if firstEvent >= 256, firstEvent * 2 > events.count {
            events.removeFirst(firstEvent)
            firstEvent = 0
        }
        return frame
    }

    private mutating func took(_ frame: Frame) -> Frame {
        bytes -= frame.count
        return frame
    }

    private mutating func dropReadings() {
        bytes -= readings.values.reduce(0) { $0 + $1.count }
        readings = [:]
        readingOrder = []
    }
}
