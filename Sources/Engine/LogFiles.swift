import RunModel
import Store

/// Keeps `run.out` and `proc.out` beside the session: what the logs say, for people with a terminal.
///
/// The database has every line. A file on a disk that is slow or gone loses some, and says so where they are missing.
struct LogFiles: Sendable {
    let parts: EngineParts
    let journal: Journal

    /// One log of one session, a file.
    private struct LogFile: Hashable {
        let session: SessionID
        let log: LogName
    }

    /// Files whose last sure line is known; one that was not written to for long is taken up again like one of an earlier server.
    private static let limit = 64

    func run(_ news: NewsStream) async {
        var ends: [LogFile: Int64] = [:]
        for await item in news {
            guard case .written(let appended) = item, !appended.lines.isEmpty else { continue }
            for log in LogName.allCases {
                let lines = appended.lines.filter { $0.log == log }
                guard let last = lines.last else { continue }
                let file = LogFile(session: last.session, log: log)
                // What an earlier server wrote is taken to be in the file.
                let end = ends[file] ?? lines[0].previous
                ends[file] = await append(lines, after: end) ? last.n : end
                if ends.count > Self.limit, let oldest = ends.min(by: { $0.value < $1.value }) { ends[oldest.key] = nil }
            }
        }
    }

    /// False when the lines may not be in the file: the next ones that are will say how many may be missing before them. A disk that
    /// answers after its deadline may have written them all the same.
    private func append(_ lines: [StoredLogLine], after end: Int64) async -> Bool {
        guard let first = lines.first, let directory = await journal.directory(of: first.session) else { return false }
        var text = lines.map { $0.text(in: parts.zone) }.joined()
        if first.previous != end { text = await gap(from: end, to: first).text(in: parts.zone) + text }
        do throws(RunFileError) {
            try await parts.files.append(text, to: "\(directory)/\(first.log.file)")
            return true
        } catch {
            // `doctor` and the session's page name a disk that does not take files.
            return false
        }
    }

    private func gap(from end: Int64, to next: StoredLogLine) async -> StoredLogLine {
        let missing = await journal.countLines(after: end, before: next)
        let lines = missing.map { $0 == 1 ? "1 line" : "\($0) lines" } ?? "Some lines"
        let sentence = "\(lines) may be missing in this file: its disk was too slow or away. The session's page has them."
        var gap = next
        gap.line = LogLine(.warning, "log", sentence)
        return gap
    }
}

// On the journal's own thread, where the store may be waited for.
extension Journal {
    fileprivate func directory(of session: SessionID) -> String? {
        // A store that cannot be read now leaves a gap in the file, which is told.
        try? state(of: session).session.directory
    }

    /// Nil when the store cannot be read now.
    fileprivate func countLines(after end: Int64, before next: StoredLogLine) -> Int? {
        try? store.countLogLines(of: next.session, log: next.log, after: end, before: next.n)
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
