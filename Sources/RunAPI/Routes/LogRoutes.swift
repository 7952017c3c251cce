import JSONText
import RunModel
import Store
import WebServer

// The two logs of a session. The store has them whole and is what is read here; the files in the session's directory
// are copies for people without the pages, and may lag behind or lack lines when their disk was away.
//
// `after` is the number of the last line that the reader has, the same as on the log's topic, so a page can load old
// lines here and follow new ones there. Numbers only rise, but with gaps: all logs share one counter. Whether a line is
// missing is told on the topic, by `previous`.
extension RouteTable {
    static func logs(_ services: Services) -> [Route] {
        [
            Route(
                method: "GET", path: "/api/sessions/{session}/logs/{log}", access: .session(.readSession),
                summary: "Lines of a log.",
                query: ["after", "limit", "level", "q", "newest", "counts"]
            ) { call, _ async throws(Problem) in try await lines(call, services) },
            Route(
                method: "GET", path: "/api/sessions/{session}/logs/{log}/download", access: .session(.readSession),
                summary: "The whole log as a text file.", contentType: "text/plain"
            ) { call, _ async throws(Problem) in try await download(call, services) },
        ]
    }

    private static func lines(_ call: Call, _ services: Services) async throws(Problem) -> HTTPResponse {
        let (id, log) = (call.session, try call.log())
        let after = try call.number("after", 0...Int64.max, else: 0)
        // A page shows some hundred lines; the bound is for scripts, and keeps one answer to about a megabyte.
        let limit = Int(try call.number("limit", 1...5000, else: 500))
        let (levels, text, newest, counts) = (
            try call.levels(), call.request.query["q"], try call.isSet("newest"), try call.isSet("counts")
        )
        // Where every line may be looked at, whoever wants something else does not wait behind it.
        let looksAtAll = counts || !levels.isEmpty || text?.isEmpty == false
        let (found, counted) = try await services.reading(on: looksAtAll ? services.logs : nil) { store throws(StoreError) in
            // Counted first: lines that come in between are then after what was counted.
            let counted = counts ? try store.logCounts(of: id, log: log) : nil
            // One more than is shown tells whether there is a next page, without counting the rest.
            return (
                try store.logLines(
                    of: id, log: log, after: after, limit: newest ? limit : limit + 1, levels: levels, containing: text,
                    newest: newest),
                counted
            )
        }
        let next: JSONValue = found.count > limit ? .integer(Int(found[limit - 1].n)) : .null
        guard let counted else { return .list(found.prefix(limit).map(\.json), next: next) }
        // Of the whole log, whatever was asked for besides; `upTo` is the line that was counted last.
        let items = found.filter { $0.n <= counted.last }.prefix(limit).map(\.json)
        let levelsCounted = counted.counts.map { ($0.key.rawValue, JSONValue.integer($0.value)) }
        return .value([
            "items": .array(items), "next": next, "upTo": .integer(Int(counted.last)),
            "counts": .object(Dictionary(uniqueKeysWithValues: levelsCounted)),
        ])
    }

    /// The whole log in one answer, to be mailed to somebody who helps. Its text is put together in memory: a night's log
    /// is a few megabytes. Times are the facility's.
    private static func download(_ call: Call, _ services: Services) async throws(Problem) -> HTTPResponse {
        let (id, log, zone) = (call.session, try call.log(), services.engine.parts.zone)
        let (name, bytes) = try await services.reading(on: services.downloads) { store throws(StoreError) in
            (try store.session(id)?.session.name ?? id.rawValue, try text(of: log, of: id, in: store, zone))
        }
        let file = "\(name)_\(log.rawValue).log"
        return HTTPResponse(
            headers: [
                ("content-type", "text/plain; charset=utf-8"), ("content-disposition", "attachment; filename=\"\(file)\""),
            ], body: .bytes(bytes))
    }

    /// Read in parts: the lines themselves take several times as much memory as their text.
    private static func text(
        of log: LogName, of id: SessionID, in store: RunStore, _ zone: FacilityZone
    ) throws(StoreError) -> [UInt8] {
        var (bytes, last): ([UInt8], Int64) = ([], 0)
        while true {
            let lines = try store.logLines(of: id, log: log, after: last, limit: 5000)
            guard let newest = lines.last else { return bytes }
            for line in lines { bytes += line.text(in: zone).utf8 }
            last = newest.n
        }
    }
}

extension Call {
    /// Left out is the same as false.
    fileprivate func isSet(_ name: String) throws(Problem) -> Bool {
        let text = request.query[name] ?? "false"
        guard ["true", "false"].contains(text) else {
            throw Problem(400, "request.query", "\(name) is neither true nor false.", remedy: "Correct the address.")
        }
        return text == "true"
    }

    /// `imaging` or `processing`; another word is 404, since it is part of the address.
    fileprivate func log() throws(Problem) -> LogName {
        guard let log = LogName(rawValue: parameter("log")) else { throw .unknown("log", parameter("log")) }
        return log
    }

    /// `level=warning,error`; none means all.
    fileprivate func levels() throws(Problem) -> Set<LogLine.Level> {
        let words = (request.query["level"] ?? "").split(separator: ",").map(String.init)
        let levels = words.compactMap(LogLine.Level.init(rawValue:))
        // A word that is not known would otherwise filter everything out, and an empty log looks like a quiet night.
        guard levels.count == words.count else {
            let known = LogLine.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(400, "request.query", "level names something that is not a level.", remedy: "The levels are \(known).")
        }
        return Set(levels)
    }
}
