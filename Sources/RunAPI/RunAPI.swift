import Accounts
import Engine
import JSONText
import RunModel
import Store
import WebServer

/// Routes and push feed, joined to engine and store: the program behind the web server.
///
/// Nothing here decides what a run does or writes down what happened in one. Reads ask the store, commands ask the
/// engine, and the answer to a command says only that it was accepted. What a page shows comes from the snapshot and
/// the events of the push, so that two pages, and one that slept, agree.
public struct RunAPI: WebApplication {
    /// The one address that becomes a WebSocket. The web server must be configured with both of these.
    public static let pushPath = "/push"
    /// Named with its version: a client that speaks another one is refused at the door, instead of misreading messages later.
    public static let subprotocol = "gridpilot.v1"

    let services: Services
    let router: Router
    let feed: PushFeed

    public init(engine: Engine, accounts: Accounts, facility: Facility, configuration: Configuration) {
        services = Services(engine: engine, accounts: accounts, facility: facility, configuration: configuration)
        feed = PushFeed(services)
        router = Router(services: services, routes: RouteTable.make(services, feed))
    }

    /// The feed: hears the journal, sends heartbeats, looks after sign-ins. Ends with the journal or its task.
    public func run() async {
        await feed.run()
        // What was counted and not yet written down.
        await services.audit.finish()
    }

    /// Before the server ends its runs: the audit log tells who wanted that. It is written when `run` ends, so nothing waits for it here.
    public func noteEnd() {
        let server = AuditAuthor(person: "server", role: "server", address: "")
        for id in services.engine.runningSessions {
            let detail: [String: JSONValue] = ["reason": "The server was told to end."]
            services.audit.add(AuditEntry(at: services.now, by: server, "stop", on: "session/\(id)", detail: detail))
        }
    }

    /// Answers every request that the web server found well formed, refusals included; it never throws. Files of the
    /// pages, and requests that are no proper HTTP, do not come this far, so `/metrics` does not count them.
    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        let response = await router.respond(to: request)
        services.counters.answered(response.status)
        return response
    }

    /// From memory, since it is asked on the network thread.
    public func owner(of request: HTTPRequest) -> String? { Requester(request, services.accounts)?.person.username }

    /// Only somebody who is signed in gets a live link; which topics they may watch is asked at each subscription. This
    /// runs on the network thread, so it touches memory only. The web server has refused the pages of other sites
    /// before: browsers let any page open a WebSocket to anywhere, and send the cookie along.
    public func admit(_ request: HTTPRequest) -> Admission {
        guard let requester = Requester(request, services.accounts) else {
            return .refuse(Problem(AccountError.notSignedIn).response)
        }
        return .accept(subprotocol: Self.subprotocol, tag: requester, owner: requester.person.username)
    }

    public func connected(_ client: WebSocketClient) async {
        // The tag is what `admit` attached. 1008 is the code for a broken rule: the page then asks for a sign-in
        // instead of trying again.
        guard let requester = client.tag as? Requester else { return client.close(code: 1008) }
        await feed.connected(client, requester)
    }

    public func received(_ text: String, from client: WebSocketClient) async { await feed.received(text, from: client.id) }

    public func disconnected(_ client: WebSocketClient.ID) async { await feed.disconnected(client) }
}

/// Every route there is; `/api/openapi.json` and the permission tests read the same table.
///
/// To add a route, put it into the file of its topic under `Routes`, with the act that it needs. A test fails until its
/// row of rights is written down too, so that no route is open by oversight. The order does not matter: the router
/// prefers a path that is written out.
enum RouteTable {
    static func make(_ services: Services, _ feed: PushFeed) -> [Route] {
        var routes = accounts(services) + facility(services) + sessions(services, feed) + commands(services) + logs(services)
        routes +=
            forecasts(services) + changes(services) + grids(services) + exports(services) + reports(services) + images(services)
            + pages(services)
            + people(services)
            + audit(services)
        routes += server(services, feed)
        // The description names every route but itself.
        let table = routes
        routes.append(
            Route(method: "GET", path: "/api/openapi.json", access: .open, summary: "This description.") { _, _ in
                HTTPResponse.value(OpenAPI.description(of: table, version: services.configuration.version))
            })
        return routes
    }
}
