import Accounts
import Engine
import RunModel
import Store
import WebServer

/// Routes and push feed, joined to engine and store: the program behind the web server.
public struct RunAPI: WebApplication {
    public static let pushPath = "/push"
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
    public func run() async { await feed.run() }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        let response = await router.respond(to: request)
        services.counters.answered(response.status)
        return response
    }

    public func admit(_ request: HTTPRequest) -> Admission {
        guard let requester = Requester(request, services.accounts) else {
            return .refuse(Problem(AccountError.notSignedIn).response)
        }
        return .accept(subprotocol: Self.subprotocol, tag: requester)
    }

    public func connected(_ client: WebSocketClient) async {
        guard let requester = client.tag as? Requester else { return client.close(code: 1008) }
        await feed.connected(client, requester)
    }

    public func received(_ text: String, from client: WebSocketClient) async { await feed.received(text, from: client.id) }

    public func disconnected(_ client: WebSocketClient.ID) async { await feed.disconnected(client) }
}

/// Every route there is; `/api/openapi.json` and the permission tests read the same table.
enum RouteTable {
    static func make(_ services: Services, _ feed: PushFeed) -> [Route] {
        var routes = accounts(services) + facility(services) + sessions(services, feed) + commands(services) + logs(services)
        routes += grids(services) + images(services) + pages(services)
        routes += server(services, feed)
        let table = routes
        routes.append(
            Route(method: "GET", path: "/api/openapi.json", access: .open, summary: "This description.") { _, _ in
                HTTPResponse.value(OpenAPI.description(of: table, version: services.configuration.version))
            })
        return routes
    }
}
