/// An event as it is kept: `seq` is one counter for the whole store.
public struct StoredEvent: Hashable, Sendable {
    public var seq: Int64
    public var at: Timestamp
    /// The session it belongs to.
    public var session: SessionID
    public var event: RunEvent
    public var command: CommandID?

    public init(seq: Int64, at: Timestamp, session: SessionID, event: RunEvent, command: CommandID? = nil) {
        self.seq = seq
        self.at = at
        self.session = session
        self.event = event
        self.command = command
    }

    /// Where it is told, always in the same order.
    public var topics: [Topic] {
        var topics: [Topic] = [.session(session)]
        if let grid = event.grid { topics.append(.grid(grid)) }
        if event.concernsFacility { topics.append(.facility) }
        return topics
    }
}

/// Where the data of a stored event is read from. The store and the wire bring their own, so that RunModel knows no JSON.
public protocol EventData {
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value
}
