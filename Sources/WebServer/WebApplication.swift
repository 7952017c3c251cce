/// What the server asks of the program behind it.
public protocol WebApplication: Sendable {
    /// Answers a request; runs off the network thread and may take its time.
    func respond(to request: HTTPRequest) async -> HTTPResponse

    /// Whose request it is, by its head alone; nil for a stranger. Asked before the body is taken in. Runs ON the network thread, so it must
    /// not block.
    func owner(of request: HTTPRequest) -> String?

    /// Judges a WebSocket before it is opened; runs ON the network thread, so it must not block.
    func admit(_ request: HTTPRequest) -> Admission

    /// The calls about one client never overlap, and come in this order.
    func connected(_ client: WebSocketClient) async
    func received(_ text: String, from client: WebSocketClient) async
    func disconnected(_ client: WebSocketClient.ID) async
}

/// Whether a WebSocket may be opened.
public enum Admission: Sendable {
    case refuse(HTTPResponse)
    /// The subprotocol must be that of the path in `Configuration.webSockets`; the tag comes back with the client. `owner` says whose
    /// it is: nobody may have more than `Limits.webSocketsPerOwner`.
    case accept(subprotocol: String, tag: any Sendable, owner: String)
}
