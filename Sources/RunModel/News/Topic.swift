/// The two logs of a session.
public enum LogName: String, Sendable, Codable, CaseIterable {
    case imaging, processing
}

/// What a page can watch.
public enum Topic: Hashable, Sendable {
    case facility
    case session(SessionID)
    case grid(GridID)
    case log(SessionID, LogName)

    public var text: String {
        switch self {
        case .facility: "facility"
        case .session(let id): "session/\(id)"
        case .grid(let id): "grid/\(id)"
        case .log(let id, let log): "session/\(id)/log/\(log.rawValue)"
        }
    }

    /// Nil for a text that names no topic; whether it exists is another question.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.count) {
        case ("facility", 1): self = .facility
        case ("session", 2):
            guard let id = SessionID(rawValue: parts[1]) else { return nil }
            self = .session(id)
        case ("session", 4):
            guard let id = SessionID(rawValue: parts[1]), parts[2] == "log", let log = LogName(rawValue: parts[3]) else {
                return nil
            }
            self = .log(id, log)
        case ("grid", 2):
            guard let id = GridID(rawValue: parts[1]) else { return nil }
            self = .grid(id)
        default: return nil
        }
    }
}
