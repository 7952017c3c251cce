import Accounts
import Engine
import JSONText
import RunModel
import Store
import WebServer

/// A page at the other end of the feed. Calls return at once: what the page has not taken yet waits in its outbox, and
/// one that falls too far behind is closed there. So no page holds up the feed. A protocol for the sake of tests, which
/// have no sockets.
protocol FeedClient: Sendable {
    var id: WebSocketClient.ID { get }
    func send(_ frame: Frame)
    func send(reading frame: Frame, key: String)
    func close(code: UInt16, reason: String)
}

extension WebSocketClient: FeedClient {}

/// The live side of the API: what every open page is told over `/push`, as `docs/push.md` describes it. On each topic
/// that a page watches it gets a snapshot first, then events by number, with readings in between.
///
/// The promise is that no event is missed and none comes twice on a link. A page joins a topic in three steps, whose
/// order must not change: it is put on the list, then the store is read, then it gets what came in between. What the
/// store had already told is known by its number.
///
/// Every method that awaits the store lets others in. After each such `await` the page may have left, changed its
/// rights, or joined the topic anew, so it is looked up again by its id, and a joining by its number.
actor PushFeed {
    /// An event or a log line, encoded once for however many pages.
    struct News {
        var topic: Topic
        var seq: Int64
        var frame: Frame
        /// For those who may not see the session: they get it too, emptied, so that their numbers have no gap. Nil
        /// where nobody else is told anyway.
        var redacted: Frame?
        /// Whose session it is; decides which of the two frames a page gets.
        var group = ""
    }
    struct Subscription {
        /// Tells a joining from the one before: a page that subscribes twice in a row gets one answer, that of the
        /// last.
        var number: Int
        /// While the store is read, the news that came since; nil once the page has joined.
        var waiting: [News]? = []
        /// The latest reading of each type that came meanwhile: none is told before the state that it belongs to.
        var waitingReadings: [String: Frame] = [:]
        /// The rights of the page's user have changed since it joined. Nothing is told until they have been looked at.
        var isInDoubt = false
        /// Number of the last event that the page has.
        var last: Int64 = 0
    }
    struct Page {
        var client: any FeedClient
        /// With the rights as of the last heartbeat.
        var requester: Requester
        var subscriptions: [Topic: Subscription] = [:]
        /// When it was last answered about a topic; only of the last moments.
        var answered: [Topic: Duration] = [:]

        /// By name.
        var topics: [Topic] { subscriptions.keys.sorted { $0.text < $1.text } }
    }

    let services: Services
    var pages: [WebSocketClient.ID: Page] = [:]
    /// The pages of each topic, and no topic without a page: what nobody watches is not even encoded.
    private(set) var subscribers: [Topic: Set<WebSocketClient.ID>] = [:]
    var readings = Readings()
    var lastJoin = 0
    /// False until the journal is heard, and after it has ended. `/readyz` asks for it.
    private(set) var isListening = false
    private(set) var hasEnded = false
    private var awaiting: [CheckedContinuation<Void, Never>] = []
    /// Tells that the sessions which have subscribers may be others now. One such word waits at most: what they are is
    /// looked up when it is heard.
    private let subscribersChanged: AsyncStream<Void>
    private let tellSubscribersChanged: @Sendable () -> Void
    /// The same for subscriptions that are in doubt.
    let rightsChanged: AsyncStream<Void>
    let tellRightsChanged: @Sendable () -> Void

    /// And for a heartbeat that is due.
    let beatDue: AsyncStream<Void>
    let tellBeatDue: @Sendable () -> Void

    /// Our own pages watch a handful. The bound is for a client that subscribes in a loop: each topic costs a read of
    /// the store.
    static let topicLimit = 64
    /// Events that are sent again; a page that is farther behind gets a snapshot, which is then the shorter way. Those
    /// sent again and as many that came meanwhile must fit into one outbox (`WebServer.Limits.outboxFrames`, 4096), or
    /// joining would end in being closed.
    static let replayLimit = 2000
    /// The same in bytes: a handful of topics joined at once must fit into an outbox (`outboxBytes`, 1 MB).
    static let replayBytes = 256 << 10

    init(_ services: Services) {
        self.services = services
        (subscribersChanged, tellSubscribersChanged) = Self.wakeUps()
        (rightsChanged, tellRightsChanged) = Self.wakeUps()
        (beatDue, tellBeatDue) = Self.wakeUps()
    }

    private static func wakeUps() -> (AsyncStream<Void>, @Sendable () -> Void) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        return (stream, { continuation.yield() })
    }

    /// Listens until the journal ends or the task is cancelled. Whichever of the parts ends first ends the others;
    /// a page that subscribes afterwards is told that the server is stopping.
    func run() async {
        let news = await services.engine.journal.listen()
        isListening = true
        for waiting in awaiting { waiting.resume() }
        awaiting = []
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await item in news { await self.hear(item) } }
            group.addTask { await self.sendHeartbeats() }
            group.addTask { await self.beat() }
            group.addTask { await self.refreshAccounts() }
            group.addTask { await self.checkSignIns() }
            group.addTask { await self.lookAtRights() }
            group.addTask { await self.watchDisks() }
            await group.next()
            group.cancelAll()
        }
        (isListening, hasEnded) = (false, true)
    }

    /// Nothing may be read for a page before news is heard: an event between the two would be in neither. A page that
    /// is early waits here.
    func listening() async {
        guard !isListening, !hasEnded else { return }
        await withCheckedContinuation { awaiting.append($0) }
    }

    /// The disks of a session are measured while somebody has its page open. One call after the other, so that each
    /// watch is taken back once, also for a page that leaves at once.
    private func watchDisks() async {
        var watched: Set<SessionID> = []
        for await _ in subscribersChanged {
            let wanted = Set(subscribers.keys.compactMap { if case .session(let id) = $0 { id } else { nil } })
            for session in watched.subtracting(wanted).sorted() { await services.engine.disks.unwatch(session) }
            for session in wanted.subtracting(watched).sorted() { await services.engine.disks.watch(session) }
            watched = wanted
        }
    }
}

// MARK: - Pages

extension PushFeed {
    /// A page without topics hears heartbeats only.
    func connected(_ client: any FeedClient, _ requester: Requester) {
        pages[client.id] = Page(client: client, requester: requester)
    }

    /// Nothing is kept of a page that has left. One that returns says itself, by `after`, what it has.
    func disconnected(_ id: WebSocketClient.ID) {
        guard let page = pages.removeValue(forKey: id) else { return }
        for topic in page.topics { removeSubscriber(topic, id) }
        for case .session(let session) in page.topics { tellWatchers(of: session) }
    }

    /// What a page says. Something that cannot be understood is answered with a `problem` and costs the page nothing: a
    /// newer client may know more than this server.
    func received(_ text: String, from id: WebSocketClient.ID) async {
        guard let page = pages[id] else { return }
        do throws(Problem) {
            switch try PushRequest.read(text) {
            case .unsubscribe(let name): Topic(name).map { unsubscribe($0, id) }
            case .subscribe(let name, let after, let store):
                guard let topic = Topic(name) else {
                    return page.client.send(
                        Envelope.problem(
                            Problem(404, "topic.unknown", "There is no such topic.", remedy: "See docs/push.md for the topics."),
                            topic: String(name.prefix(200))))
                }
                // Numbers of another store mean nothing here. A restored backup would otherwise pass for old news.
                // Without a `store` the client is taken at its word.
                await subscribe(topic, after: store == nil || store == services.store.identity ? after : nil, id)
            }
        } catch {
            page.client.send(Envelope.problem(error, topic: nil))
        }
    }

    /// Silent: no answer is promised, and events that are in the outbox already still come.
    func unsubscribe(_ topic: Topic, _ id: WebSocketClient.ID) {
        guard pages[id]?.subscriptions.removeValue(forKey: topic) != nil else { return }
        removeSubscriber(topic, id)
        if case .session(let session) = topic { tellWatchers(of: session) }
    }

    private func removeSubscriber(_ topic: Topic, _ id: WebSocketClient.ID) {
        subscribers[topic]?.remove(id)
        guard subscribers[topic]?.isEmpty == true else { return }
        subscribers[topic] = nil
        tellSubscribersChanged()
    }

    func addSubscriber(_ topic: Topic, _ id: WebSocketClient.ID) {
        let isFirst = subscribers[topic] == nil
        subscribers[topic, default: []].insert(id)
        if isFirst { tellSubscribersChanged() }
    }
}

extension Topic {
    var session: SessionID? {
        switch self {
        case .facility: nil
        case .session(let id), .log(let id, _): id
        case .grid(let id): id.session
        }
    }
}
