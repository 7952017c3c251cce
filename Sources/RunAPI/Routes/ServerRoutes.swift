import JSONText
import RunModel
import Store
import WebServer

// For whoever runs the server: is it alive, can it work, how much does it do. `/healthz` touches nothing, so it answers while the store is
// slow; `/readyz` writes to the store, because a store that can only be read is no use to a run.
extension RouteTable {
    /// What the server says about itself.
    static func server(_ services: Services, _ feed: PushFeed) -> [Route] {
        [
            Route(method: "GET", path: "/healthz", access: .open, summary: "The server answers.") { _, _ in
                .value(["status": "ok", "version": .string(services.configuration.version)])
            },
            Route(method: "GET", path: "/readyz", access: .open, summary: "The store can be written and the engine runs.") {
                _, _ async throws(Problem) in
                guard await feed.isListening else {
                    throw Problem(
                        503, "server.notReady", "The engine is not running.", remedy: "Wait until the server has started.")
                }
                let moment = services.now
                _ = try await services.reading { store throws(StoreError) in try store.change(.dropExpired(now: moment)) }
                return .value(["status": "ready"])
            },
            Route(
                method: "GET", path: "/metrics", access: .metrics,
                summary: "Counters for Prometheus; from this machine or with a token.",
                contentType: "text/plain"
            ) { _, _ async throws(Problem) in
                let text = try await Metrics.text(services, feed)
                return HTTPResponse(
                    headers: [("content-type", "text/plain; version=0.0.4; charset=utf-8")], body: .bytes(Array(text.utf8)))
            },
        ]
    }

    /// Addresses of pages: one document, which shows what its address asks for.
    static func pages(_ services: Services) -> [Route] {
        let paths = ["/", "/login", "/sessions", "/sessions/new", "/sessions/{session}/run", "/sessions/{session}/grids/{grid}"]
        let document = "\(services.configuration.webRoot)/index.html"
        return paths.map { path in
            Route(method: "GET", path: path, access: .open, summary: "A page.", contentType: "text/html") { _, _ in
                HTTPResponse(body: .file(path: document, contentType: "text/html; charset=utf-8"))
            }
        }
    }
}
