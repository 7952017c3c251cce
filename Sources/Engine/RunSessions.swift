import RunModel

/// The actors of sessions: never two of one session, and none for longer than it is needed.
///
/// Two actors of one session could both start it. So one that has nothing to do is let go rather than thrown away: as long as a command or
/// a run still holds it, whoever asks for the session gets that same one.
struct RunSessions {
    private struct Entry {
        var kept: RunSession?
        weak var session: RunSession?
    }
    private var entries: [SessionID: Entry] = [:]

    var count: Int { entries.count }

    /// By id.
    var all: [RunSession] { entries.sorted { $0.key < $1.key }.compactMap(\.value.session) }

    subscript(id: SessionID) -> RunSession? { entries[id]?.session }

    /// What is found here, or else made, is kept until it is let go.
    mutating func keep(_ session: RunSession) { entries[session.id] = Entry(kept: session, session: session) }

    mutating func letGo(where isIdle: (RunSession) -> Bool) {
        for session in all where isIdle(session) { entries[session.id]?.kept = nil }
        entries = entries.filter { $0.value.session != nil }
    }
}
