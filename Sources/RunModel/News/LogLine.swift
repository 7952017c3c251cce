/// A line of the imaging or the processing log.
public struct LogLine: Hashable, Sendable, Codable {
    public enum Level: String, Sendable, Codable, CaseIterable {
        case debug, info, warning, error
    }

    public var level: Level
    /// The part that speaks: `stage`, `focus`, `expose`, `ctf`…
    public var source: String
    public var message: String

    public init(_ level: Level, _ source: String, _ message: String) {
        self.level = level
        self.source = source
        // Words of others are part of some.
        self.message = ForeignText.line(message, longest: Self.longest)
    }
    private static let longest = 4000
}

/// A log line as it is kept: logs have a counter of their own.
public struct StoredLogLine: Hashable, Sendable, Codable {
    public var n: Int64
    public var previous: Int64
    public var at: Timestamp
    public var session: SessionID
    public var log: LogName
    public var line: LogLine

    public init(n: Int64, previous: Int64, at: Timestamp, session: SessionID, log: LogName, line: LogLine) {
        self.n = n
        self.previous = previous
        self.at = at
        self.session = session
        self.log = log
        self.line = line
    }
}

extension StoredLogLine {
    /// `2026-11-22 21:06:42.123+01:00 [source - LEVEL] message` and a line end: the same in a session's files and in what pages download.
    package func text(in zone: FacilityZone) -> String {
        "\(zone.text(of: at)) [\(line.source) - \(line.level.rawValue.uppercased())] \(line.message)\n"
    }
}
