import RunModel
import Store
import WebServer

/// What Prometheus scrapes, in its text format.
///
/// Names and labels are a promise: dashboards and alarms of a facility refer to them, and an alarm on a name that has
/// gone never rings again. Figures are added, not renamed. None has a label with a session or a person, since readers
/// of metrics may not be readers of sessions.
enum Metrics {
    static func text(_ services: Services, _ feed: PushFeed) async throws(Problem) -> String {
        let (newest, active) = try await services.reading { store throws(StoreError) in
            (try store.newestSeq(), try store.sessionsWithActiveStatus())
        }
        // The engine is asked, not the store: after a crash "running" stands in the store with nobody behind it, and
        // that is just when somebody watches this figure.
        var living = 0
        var workers = 0
        for session in active where await services.engine.isLiving(session) {
            living += 1
            workers += await services.engine.pipeline.workers(of: session)
        }
        let pages = await feed.pageCount
        return gauge("gridpilot_runs", "Runs that are alive.", living)
            + gauge("gridpilot_pages", "Pages with an open live link.", pages)
            + gauge("gridpilot_workers", "Movies in work.", workers)
            + gauge("gridpilot_heap_used_bytes", "Memory that is allocated and not freed.", ServerHeap.used)
            + gauge("gridpilot_store_memory_bytes", "What of it the store keeps of its file.", StoreMemory.used)
            + counter("gridpilot_events_total", "Number of the newest event.", [("", Int(newest))])
            + counter(
                "gridpilot_http_answers_total", "Answers by status.",
                services.counters.byStatus.map { ("{status=\"\($0.status)\"}", $0.count) })
            + gauge("gridpilot_info{version=\"\(escaped(services.configuration.version))\"}", "The program.", 1)
    }

    /// A value that goes up and down. `name` may carry labels; the two lines above it must not.
    private static func gauge(_ name: String, _ help: String, _ value: Int) -> String {
        let plain = name.prefix { $0 != "{" }
        return "# HELP \(plain) \(help)\n# TYPE \(plain) gauge\n\(name) \(value)\n"
    }

    /// A value that only rises, until the program begins anew; the number of the newest event goes on even then.
    private static func counter(_ name: String, _ help: String, _ values: [(labels: String, value: Int)]) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) counter\n" + values.map { "\(name)\($0.labels) \($0.value)\n" }.joined()
    }

    /// A quotation mark or a line break in a label would make the whole page unreadable for the scraper.
    private static func escaped(_ text: String) -> String { String(text.filter { $0 != "\"" && $0 != "\\" && $0 != "\n" }) }
}
