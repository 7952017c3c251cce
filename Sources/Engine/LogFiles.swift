import RunModel

/// Keeps `run.out` and `proc.out` beside the session: what the logs say, for people with a terminal.
struct LogFiles: Sendable {
    let parts: EngineParts

    func run(_ news: AsyncStream<Journal.News>) async {
        var directories: [SessionID: String] = [:]
        for await item in news {
            guard case .written(let appended) = item, !appended.lines.isEmpty else { continue }
            for log in LogName.allCases {
                let lines = appended.lines.filter { $0.log == log }
                guard let session = lines.first?.session else { continue }
                if directories[session] == nil {
                    directories[session] = try? parts.store.state(of: session)?.state.session.directory
                }
                guard let directory = directories[session] else { continue }
                // The store has the line; a file that cannot be written is named by `doctor`.
                try? await parts.files.append(lines.map(Self.text).joined(), to: "\(directory)/\(log.file)")
            }
        }
    }

    /// `2026-11-22 21:06:42.123 [source - LEVEL] message`
    static func text(_ stored: StoredLogLine) -> String {
        var moment = stored.at.description
        moment.removeLast()
        let time = moment.split(separator: "T").joined(separator: " ")
        return "\(time) [\(stored.line.source) - \(stored.line.level.rawValue.uppercased())] \(stored.line.message)\n"
    }
}

extension LogName {
    public var file: String {
        switch self {
        case .imaging: "run.out"
        case .processing: "proc.out"
        }
    }
}
