import Blocking
import CLibWebSockets

/// The web server: an actor on the thread of libwebsockets. It knows HTTP and WebSocket, and nothing of what they
/// carry.
///
/// It refuses by itself what is no proper request, serves the files of the pages, and asks its `WebApplication` for the
/// rest. It promises that no peer can hold up another: links, bodies, messages and what waits for a slow client are
/// bounded (`Limits`), and no file is touched on its thread. It can be started again after it was stopped.
public actor WebServer {
    nonisolated let configuration: Configuration
    nonisolated let application: any WebApplication
    nonisolated let files: StaticFiles?
    nonisolated private let taskQueue = NetworkTaskQueue()
    nonisolated private let thread = ServiceThread()
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private(set) var listener: Listener?
    private(set) var isStopping = false
    private(set) var connections: [UInt64: Connection] = [:]
    /// Links by address (by /64 for IPv6), so that one machine cannot take them all. Behind a proxy all peers are one address.
    var perAddress: [String: AddressCount] = [:]
    /// WebSockets by person.
    var perOwner: [String: Int] = [:]
    /// What is under way over HTTP, by whose it is.
    var perSender: [Sender: SenderCount] = [:]
    /// What all bodies and unsent answers hold.
    var requestBytes = 0
    /// Requests that were given up.
    var givenUp = MinuteTally()
    /// What waits for all clients, in bytes.
    var queuedBytes = 0
    var isReturningMemory = false
    /// For links and requests alike; never used twice, so that an answer cannot reach a later link in the same memory.
    private var lastNumber: UInt64 = 0
    private var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    /// What the network thread is at.
    public nonisolated var activity: ThreadActivity { thread.activity }

    /// Carries out a call on the network thread, also while nothing is listened to. It may wait for nothing there.
    public nonisolated func perform(_ call: @escaping @Sendable () -> Void) { thread.perform(call) }

    public init(configuration: Configuration, application: any WebApplication) {
        self.configuration = configuration
        self.application = application
        files = configuration.webRoot.map { StaticFiles(root: $0, prefix: configuration.staticPrefix) }
    }

    deinit { thread.retire() }

    /// Listens from now on, until `stop()`. What is wrong with address or certificate is thrown here, in words for
    /// whoever started the program.
    @discardableResult
    public func start() throws(WebServerProblem) -> BoundAddress {
        guard listener == nil else { throw .alreadyRunning }
        let listener = try Listener(configuration, server: self)
        self.listener = listener
        thread.adopt(LibraryLoop(context: listener.context))
        return BoundAddress(
            host: configuration.host, port: listener.port, isSecure: configuration.certificate != nil)
    }

    /// Takes no more links, closes the pages with 1001, lets open exchanges end within `Limits.stopSeconds`, and stops
    /// listening. Pages take 1001 for "come back in a moment". The loop is abandoned before the library's context ends,
    /// since a wake-up would touch freed memory.
    public func stop() async {
        guard listener != nil, !isStopping else { return }
        isStopping = true
        for connection in connections.values { dismiss(connection) }
        let deadline = Task { [seconds = configuration.limits.stopSeconds] in
            // Cancelled means that all have left in time.
            try? await Task.sleep(for: .seconds(seconds))
            resumeWaiters(all: true)
        }
        await awaitConnections(atMost: 0)
        deadline.cancel()
        thread.abandonLoop()
        listener?.end()
        listener = nil
        isStopping = false
    }

    /// How many links are open, for the vitals.
    public var connectionCount: Int { connections.count }

    /// Sends one frame to many in one hop; see `WebSocketClient.send(_:)`.
    public nonisolated func send(_ frame: Frame, to clients: [WebSocketClient.ID]) {
        post(.send(frame, clients))
    }

    /// Sends one reading to many in one hop; see `WebSocketClient.send(reading:key:)`.
    public nonisolated func send(reading frame: Frame, key: String, to clients: [WebSocketClient.ID]) {
        post(.put(frame, key: key, clients))
    }

    /// One hop for however many tasks: an event for a hundred pages comes as one, and what is posted while the hop is
    /// under way goes with it. Tasks are done in the order in which they were posted.
    nonisolated func post(_ task: NetworkTask) {
        guard taskQueue.put(task) else { return }
        thread.perform { [self] in assumeIsolated { $0.runTasks() } }
    }

    private func runTasks() {
        for task in taskQueue.takeAll() {
            switch task {
            case .send(let frame, let clients):
                for id in clients { enqueue(frame, to: id) }
            case .put(let frame, let key, let clients):
                for id in clients { enqueue(reading: frame, key: key, to: id) }
            case .close(let id, let code, let reason):
                if let connection = connections[id] { close(connection, code: code, reason: reason) }
            }
        }
    }

    /// A page hears why; a link without a request is cut; one with a request gets its answer first.
    private func dismiss(_ connection: Connection) {
        if connection.peer != nil {
            close(connection, code: 1001, reason: "The server is stopping.")
        } else if connection.exchange == nil {
            lws_set_timeout(connection.wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC)
        }
    }

    /// Waits until no more links are open than this, or the server has stopped.
    func awaitConnections(atMost count: Int) async {
        guard connections.count > count else { return }
        await withCheckedContinuation { waiters.append((count, $0)) }
    }

    private func resumeWaiters(all: Bool = false) {
        let due = waiters.filter { all || $0.count >= connections.count }
        waiters.removeAll { all || $0.count >= connections.count }
        for waiter in due { waiter.continuation.resume() }
    }
}

// Links, each under a number that the library keeps beside its own record of it. A number and no pointer to ours,
// because a callback may come for a link that was forgotten or refused: its number then simply finds nothing.
extension WebServer {
    func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// Counts the link and gives it its number. Where its address has too many, another one of them goes; when none of those can be
    /// spared, this one is closed before it says anything.
    func open(_ wsi: OpaquePointer) -> Int32 {
        let address = Self.address(of: wsi)
        guard makeRoomForLink(from: address) else { return -1 }
        let connection = Connection(id: nextNumber(), wsi: wsi, address: address)
        perAddress[connection.network, default: AddressCount()].links += 1
        connections[connection.id] = connection
        lws_set_opaque_user_data(wsi, UnsafeMutableRawPointer(bitPattern: UInt(connection.id)))
        setTimer(wsi, seconds: configuration.limits.headSeconds)
        return 0
    }

    /// The last callback of every link, however it ended.
    func forget(_ wsi: OpaquePointer) -> Int32 {
        guard let connection = connection(of: wsi) else { return 0 }
        end(connection)
        connections[connection.id] = nil
        if !connection.isDropped { uncount(connection) }
        resumeWaiters()
        return 0
    }

    func connection(of wsi: OpaquePointer) -> Connection? {
        connections[UInt64(UInt(bitPattern: lws_get_opaque_user_data(wsi)))]
    }

    func connection(_ id: UInt64) -> Connection? { connections[id] }

    private static func address(of wsi: OpaquePointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let text = lws_get_peer_simple(wsi, buffer.baseAddress, buffer.count) else { return "" }
            return PeerAddress.plain(String(cString: text))
        }
    }
}
