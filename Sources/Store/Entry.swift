import RunModel

/// One change of a session: its events and log lines are written together or not at all.
public struct Entry: Sendable {
    public var session: SessionID
    public var events: [RunEvent]
    public var lines: [LogEntry]
    /// The command that led to it; every event carries it.
    public var command: CommandID?
    /// Who may write it: refused once another holds the microscope.
    public var fence: Fence?

    public init(
        session: SessionID, events: [RunEvent] = [], lines: [LogEntry] = [], command: CommandID? = nil, fence: Fence? = nil
    ) {
        self.session = session
        self.events = events
        self.lines = lines
        self.command = command
        self.fence = fence
    }
}

/// A line, and the log that it goes to.
public struct LogEntry: Hashable, Sendable {
    public var log: LogName
    public var line: LogLine

    public init(log: LogName, line: LogLine) {
        self.log = log
        self.line = line
    }
}

/// The number under which a run holds its microscope. A higher one in the store means that another run took over.
public struct Fence: Hashable, Sendable {
    public var microscope: MicroscopeID
    public var epoch: Int

    public init(microscope: MicroscopeID, epoch: Int) {
        self.microscope = microscope
        self.epoch = epoch
    }
}

/// An event as one topic tells it.
public struct TopicEvent: Hashable, Sendable {
    public var topic: Topic
    public var seq: Int64
    /// The number of the event that this topic had before; 0 when there was none.
    public var previous: Int64
    public var at: Timestamp
    public var type: String
    /// JSON text, encoded once.
    public var data: String
    public var command: CommandID?
    public var session: SessionID

    public init(
        topic: Topic, seq: Int64, previous: Int64, at: Timestamp, type: String, data: String, command: CommandID?,
        session: SessionID
    ) {
        self.topic = topic
        self.seq = seq
        self.previous = previous
        self.at = at
        self.type = type
        self.data = data
        self.command = command
        self.session = session
    }
}

/// What one entry became.
public struct Appended: Sendable {
    public var events: [StoredEvent] = []
    /// In the order in which they are told: event by event, one for each of its topics.
    public var told: [TopicEvent] = []
    public var lines: [StoredLogLine] = []
}

/// A live state with the number of the last event in it; 0 when it had none yet.
public struct Snapshot<State: LiveState>: Hashable, Sendable {
    public var seq: Int64
    public var state: State

    public init(seq: Int64, state: State) {
        self.seq = seq
        self.state = state
    }
}
