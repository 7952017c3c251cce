import Foundation
import Synchronization
import WebServer

/// Answers what a test asks for, and tells the test what it heard.
final class TestApplication: WebApplication {
    enum News: Sendable, Equatable {
        case connected(WebSocketClient.ID)
        case text(String)
        case disconnected(WebSocketClient.ID)
    }

    let news: AsyncStream<News>
    private let tell: AsyncStream<News>.Continuation
    private let people = Mutex(0)
    private let clients = Mutex<[WebSocketClient.ID: WebSocketClient]>([:])
    private let answer: @Sendable (HTTPRequest) async -> HTTPResponse

    init(_ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse = TestApplication.describe) {
        self.answer = answer
        (news, tell) = AsyncStream.makeStream()
    }

    /// Says what arrived, so that a test can compare it.
    static func describe(_ request: HTTPRequest) -> HTTPResponse {
        let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        let text = "\(request.method) \(request.path) [\(query)] \(String(decoding: request.body, as: UTF8.self))"
        return HTTPResponse(headers: [("content-type", "text/plain")], body: .bytes(Array(text.utf8)))
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse { await answer(request) }

    /// `?as=nobody` is a stranger.
    func owner(of request: HTTPRequest) -> String? {
        let name = request.query["as"] ?? "tester"
        return name == "nobody" ? nil : name
    }

    func admit(_ request: HTTPRequest) -> Admission {
        guard request.headers["authorization"] != "refuse" else { return .refuse(HTTPResponse(status: 401)) }
        return .accept(subprotocol: "test.v1", tag: request.query["name"] ?? "", owner: request.query["owner"] ?? somebodyElse())
    }

    /// Pages are of different people unless a test says otherwise.
    private func somebodyElse() -> String {
        people.withLock {
            $0 += 1
            return "person \($0)"
        }
    }

    func connected(_ client: WebSocketClient) async {
        clients.withLock { $0[client.id] = client }
        tell.yield(.connected(client.id))
    }

    func received(_ text: String, from client: WebSocketClient) async { tell.yield(.text(text)) }

    func disconnected(_ client: WebSocketClient.ID) async {
        clients.withLock { $0[client] = nil }
        tell.yield(.disconnected(client))
    }

    func client(_ id: WebSocketClient.ID) -> WebSocketClient? { clients.withLock { $0[id] } }

    /// Waits until that many pages are open, and gives them.
    func awaitClients(_ count: Int) async -> [WebSocketClient] {
        var seen: [WebSocketClient] = []
        for await case .connected(let id) in news {
            if let client = client(id) { seen.append(client) }
            if seen.count == count { break }
        }
        return seen
    }
}

/// A server on a free port for as long as the body runs.
func withServer(
    _ application: TestApplication = TestApplication(), _ change: (inout WebServer.Configuration) -> Void = { _ in },
    _ body: (Int, WebServer) async throws -> Void
) async throws {
    var configuration = WebServer.Configuration()
    configuration.port = 0
    configuration.webSockets = ["/push": "test.v1"]
    configuration.limits.stopSeconds = 0.5
    change(&configuration)
    let server = WebServer(configuration: configuration, application: application)
    let address = try await server.start()
    do {
        try await body(address.port, server)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}
