import Blocking
import JSONText
import RunModel
import Store
import WebServer

// For whoever runs the server: is it alive, can it work, how much does it do. `/healthz` touches nothing, so it answers
// while the store is slow; `/readyz` writes to the store, because a store that can only be read is no use to a run.
//
// A supervisor should restart the server by `/healthz` alone. A store that is full or slow makes `/readyz` 503 for as
// long as it lasts, and a restart would only end the runs that wait for it.
extension RouteTable {
    /// What the server says about itself, to anybody: health checks have no account, and the answers name no session
    /// and no person.
    static func server(_ services: Services, _ feed: PushFeed) -> [Route] {
        [
            Route(method: "GET", path: "/healthz", access: .open, summary: "The server answers.") { _, _ in
                .value(["status": "ok"])
            },
            Route(method: "GET", path: "/readyz", access: .open, summary: "The store can be written and the engine runs.") {
                _, _ in
                await services.readiness(isEngineHeard: await feed.isListening)
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

    /// Addresses of pages: one document, which shows what its address asks for. Each address is listed, so that a wrong
    /// one is a 404 and not an empty page. They are open to everybody, since the document holds no data: its script
    /// asks the API, which checks the sign-in.
    static func pages(_ services: Services) -> [Route] {
        let paths = [
            "/", "/login", "/sessions", "/sessions/new", "/sessions/{session}/run", "/sessions/{session}/grids/{grid}",
            "/people", "/audit",
        ]
        let document = "\(services.configuration.webRoot)/index.html"
        return paths.map { path in
            Route(method: "GET", path: path, access: .open, summary: "A page.", contentType: "text/html") {
                call, _ async throws(Problem) in
                let type = "text/html; charset=utf-8"
                let prefix = call.request.prefix
                guard !prefix.isEmpty else { return HTTPResponse(body: .file(path: document, contentType: type)) }
                let text = try await services.configuration.disks.answer(about: document) { () throws(Problem) in
                    do { return String(decoding: try Files.read(document), as: UTF8.self) } catch {
                        throw Problem(
                            503, "page.unreadable", "The pages cannot be read: \(error).", remedy: "Ask the facility's staff.")
                    }
                }
                return HTTPResponse(
                    headers: [("content-type", type), ("cache-control", "no-cache")],
                    body: .bytes(Array(moved(text, below: prefix).utf8)))
            }
        }
    }

    /// The document for visitors who find the pages below a path. Its script reads the path from it.
    static func moved(_ document: String, below prefix: String) -> String {
        document.replacing("<html ", with: "<html data-base=\"\(prefix)\" ", maxReplacements: 1)
            .replacing("=\"/static/", with: "=\"\(prefix)/static/")
    }
}
