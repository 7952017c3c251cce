import CLibWebSockets

/// The one entry from C: it finds the actor and hands over the reason. It holds no logic.
///
/// libwebsockets calls this, for every link and on the service thread, whenever something happened to it. `session`
/// would be memory of the library for each link; ours stands in `Connection`, found by the number that the link
/// carries.
func serviceCallback(
    _ wsi: OpaquePointer?, _ reason: lws_callback_reasons, _ session: UnsafeMutableRawPointer?,
    _ input: UnsafeMutableRawPointer?, _ length: Int
) -> Int32 {
    guard let wsi, let context = lws_get_context(wsi), let user = lws_context_user(context) else { return 0 }
    // The listener keeps the server retained for as long as its context lives.
    let server = Unmanaged<WebServer>.fromOpaque(user).takeUnretainedValue()
    let event = ServiceEvent(reason: reason, wsi: wsi, input: input, length: length)
    server.activity.begin(event.words)
    return server.assumeIsolated { $0.handle(event) }
}

/// What libwebsockets has to say. `input` is the library's memory and belongs to it again once the callback returns:
/// what is to be kept is copied.
struct ServiceEvent: @unchecked Sendable {
    // Made and used up within one callback, on the network thread.
    let reason: lws_callback_reasons
    let wsi: OpaquePointer
    let input: UnsafeMutableRawPointer?
    let length: Int

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : length) }
}

extension ServiceEvent {
    /// For whoever must say what the network thread was at.
    fileprivate var words: String {
        switch reason {
        case LWS_CALLBACK_FILTER_NETWORK_CONNECTION, LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED: "the callback of a new link"
        case LWS_CALLBACK_WSI_DESTROY: "the callback of a link's end"
        case LWS_CALLBACK_HTTP: "the callback of a request's head"
        case LWS_CALLBACK_HTTP_BODY, LWS_CALLBACK_HTTP_BODY_COMPLETION: "the callback of a request's body"
        case LWS_CALLBACK_HTTP_WRITEABLE: "the callback that writes an answer"
        case LWS_CALLBACK_TIMER: "the callback of a time limit"
        case LWS_CALLBACK_ESTABLISHED: "the callback of a new WebSocket"
        case LWS_CALLBACK_RECEIVE: "the callback of a WebSocket's message"
        case LWS_CALLBACK_SERVER_WRITEABLE: "the callback that writes frames"
        default: "another callback of libwebsockets"
        }
    }
}

extension WebServer {
    /// Zero lets the library go on; below zero it closes the link.
    ///
    /// In the life of a link: first its peer is counted, then it gets a number; each request comes as a head, the parts
    /// of its body and their end, and is answered when the link can be written. A request for a WebSocket is judged
    /// twice (ours to allow, then the subprotocol that the library chose) before it is open. Whatever way it ends,
    /// `WSI_DESTROY` is the last that is heard of it.
    ///
    /// All other reasons are of no interest here, and zero is the answer that means so.
    func handle(_ event: ServiceEvent) -> Int32 {
        switch event.reason {
        case LWS_CALLBACK_FILTER_NETWORK_CONNECTION: makeRoomForLink() ? 0 : 1
        case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED: open(event.wsi)
        case LWS_CALLBACK_WSI_DESTROY: forget(event.wsi)
        case LWS_CALLBACK_HTTP: beginRequest(event.wsi)
        case LWS_CALLBACK_HTTP_BODY: takeBody(event.wsi, event.bytes)
        case LWS_CALLBACK_HTTP_BODY_COMPLETION: completeBody(event.wsi)
        case LWS_CALLBACK_HTTP_WRITEABLE: writeReply(event.wsi)
        case LWS_CALLBACK_TIMER: runOut(event.wsi)
        case LWS_CALLBACK_RAW_RX: refuseStranger(event.wsi, event.bytes)
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: confirmUpgrade(event.wsi)
        case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: confirmSubprotocol(event.wsi)
        case LWS_CALLBACK_ESTABLISHED: openWebSocket(event.wsi)
        case LWS_CALLBACK_RECEIVE: receive(event.wsi, event.bytes)
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: hearClose(event.wsi, event.bytes)
        case LWS_CALLBACK_SERVER_WRITEABLE: writeFrames(event.wsi)
        case LWS_CALLBACK_CLOSED: closeWebSocket(event.wsi)
        default: 0
        }
    }
}
