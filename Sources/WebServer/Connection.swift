/// One link to a peer: a series of requests, or one WebSocket. Lives on the network thread only, from the moment the
/// library knows the link until it forgets it. `wsi` is valid for exactly that time, so whoever awaits something keeps
/// the number and looks the link up again.
final class Connection {
    let id: UInt64
    let wsi: OpaquePointer
    let address: String
    /// By which links are counted.
    let network: String
    var exchange: Exchange?
    /// Its part of `WebServer.requestBytes`.
    var countedBytes = 0
    /// Set when an upgrade was allowed, until the link is open.
    var admitted: (subprotocol: String, tag: any Sendable, owner: String?, isEcho: Bool)?
    var peer: Peer?
    /// Rises with each request that was answered; 0 before the first.
    private(set) var lastFinished: UInt64 = 0
    var isCountedAsWebSocket = false
    /// True once it was cut off for the sake of another: it is not counted any more, and nothing that comes over it is taken up.
    var isDropped = false

    init(id: UInt64, wsi: OpaquePointer, address: String) {
        (self.id, self.wsi, self.address) = (id, wsi, address)
        network = PeerAddress.network(of: address)
    }

    func finished(at number: UInt64) { lastFinished = number }

    /// Whether nobody waits for anything on it. Among such links the first to go is the oldest that never asked for anything, then
    /// the one whose last request is longest ago.
    var isIdle: Bool { peer == nil && admitted == nil && exchange?.isDispatched != true && !isDropped }
    var age: (UInt64, UInt64) { (lastFinished, id) }
}

/// A request and its answer under way. One at a time on each link; `completeBody` says what becomes of a client that
/// does not wait.
struct Exchange {
    let number: UInt64
    var request: HTTPRequest
    let expected: Int
    let keepsAlive: Bool
    let isHead: Bool
    let sender: Sender
    var isDispatched = false
    /// Whether the application works on it, and has its body.
    var isAtWork = false
    /// How often the end of the body was announced after that.
    var announcements = 0
    var reply: Reply?
    /// For the sake of others. Nothing that still comes of it is taken in.
    var isGivenUp = false

    var heldBytes: Int { request.body.count + (reply?.heldBytes ?? 0) }
    /// Not so while the application is at work, which cannot be stopped.
    var canBeGivenUp: Bool { !isGivenUp && !isAtWork }
    var isRead: Bool { isHead || request.method == "GET" }
}

/// Whose request it is: a person's, on however many links, or that of strangers from one address.
enum Sender: Hashable {
    case person(String)
    case network(String)

    var isStranger: Bool { if case .network = self { true } else { false } }
}

/// An answer being written: what is in memory, and the part of the file that is not yet. A file is read in chunks as
/// the peer takes them, so a movie of many gigabytes needs no more memory than one chunk, and a slow peer holds no
/// thread.
struct Reply {
    private var bytes: [UInt8]
    private var sent = 0
    /// The last first.
    private var more: [[UInt8]]
    private var moreBytes: Int
    private var hasGone = false
    var rest: FilePart?
    var isFetching = false
    let keepsAlive: Bool

    init(head: [UInt8], body: [UInt8], more: [[UInt8]] = [], rest: FilePart?, keepsAlive: Bool) {
        bytes = head + body
        self.more = more.reversed()
        moreBytes = more.reduce(0) { $0 + $1.count }
        (self.rest, self.keepsAlive) = (rest, keepsAlive)
    }

    var hasBytes: Bool { sent < bytes.count }
    var hasBegun: Bool { hasGone || sent > 0 }
    var heldBytes: Int { bytes.count + moreBytes }
    var isComplete: Bool { !hasBytes && rest == nil }

    /// Moves the next bytes to the place they are sent from.
    mutating func fill(_ target: UnsafeMutablePointer<UInt8>, room: Int) -> Int {
        let count = min(room, bytes.count - sent)
        bytes.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { target.update(from: start + sent, count: count) }
        }
        sent += count
        if !hasBytes, let next = more.popLast() {
            moreBytes -= next.count
            (bytes, sent, hasGone) = (next, 0, true)
        }
        return count
    }

    mutating func take(_ more: [UInt8], rest: FilePart?) {
        (bytes, sent, hasGone) = (more, 0, true)
        (self.rest, isFetching) = (rest, false)
    }
}

/// One open WebSocket: what waits for its peer (`outbox`, `sending`), and what waits for the application (`news`). Both
/// sides may be slow, and each is bounded by itself.
final class Peer {
    let client: WebSocketClient
    /// Nil for the echo, which is nobody's.
    let owner: String?
    var outbox = Outbox()
    /// The frame of which a part has gone out. It must be finished before another may begin: parts of two messages
    /// cannot be told apart.
    var sending: (frame: Frame, sent: Int)?
    /// The message that is arriving, until its last part.
    var message: [UInt8] = []
    /// Set once; nothing is taken in after that.
    var closing: (code: UInt16, reason: String)?
    /// What the application has not been told yet.
    var news: [ClientEvent] = []
    var newsBytes = 0
    /// What it may still say at once.
    var allowance: Allowance
    /// Its part of `WebServer.queuedBytes`, and the most that this ever was.
    var countedBytes = 0
    var mostBytes = 0
    /// True while a task tells the application, so that a second one does not overtake it.
    var isTelling = false
    /// Reading from the peer rests: what it sends stays in its own socket.
    var isPaused = false

    init(client: WebSocketClient, owner: String?, limits: WebServer.Limits) {
        (self.client, self.owner) = (client, owner)
        allowance = Allowance(perSecond: limits.messagesPerSecond, atOnce: limits.messageBurst)
    }

    var isEcho: Bool { owner == nil }
    var isDrained: Bool { outbox.isEmpty && sending == nil }
    var waitingBytes: Int { outbox.bytes + (sending?.frame.count ?? 0) }
}

enum ClientEvent: Sendable {
    case connected
    case text(String)
    case disconnected
}
