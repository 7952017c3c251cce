import CLibWebSockets

/// What somebody has under way over HTTP.
struct SenderCount {
    var requests = 0
    /// Bytes of the bodies that the application works on.
    var work = 0
}

// What requests and their answers hold. Each is bounded by itself; here they are bounded by person and all together, since anybody can open
// many links, and ask for much and read nothing. Strangers of one address (behind a proxy, the address that it tells) count as one person.
extension WebServer {
    func sender(of request: HTTPRequest) -> Sender {
        application.owner(of: request).map(Sender.person) ?? .network(PeerAddress.network(of: request.remoteAddress))
    }

    func begin(_ exchange: Exchange, _ connection: Connection) throws(Refusal) {
        let limits = configuration.limits
        if exchange.sender.isStranger, exchange.expected > limits.strangersBody {
            throw .tooLargeForStrangers(limits.strangersBody)
        }
        // Strangers are bounded by their links, of which the idle ones make room for others.
        guard exchange.sender.isStranger || perSender[exchange.sender]?.requests ?? 0 < limits.requestsPerPerson else {
            throw .tooManyRequests
        }
        end(connection)
        perSender[exchange.sender, default: SenderCount()].requests += 1
        connection.exchange = exchange
    }

    /// However it ended.
    func end(_ connection: Connection) {
        guard let exchange = connection.exchange else { return }
        endWork(connection)
        connection.exchange = nil
        recount(connection)
        perSender[exchange.sender]?.requests -= 1
        if perSender[exchange.sender]?.requests == 0 { perSender[exchange.sender] = nil }
    }

    /// False when too much of the same sender is being worked on. A single body always may be.
    func beginWork(_ exchange: Exchange) -> Bool {
        let (work, size) = (perSender[exchange.sender]?.work ?? 0, exchange.request.body.count)
        guard work == 0 || size == 0 || work + size <= configuration.limits.workPerSender else { return false }
        perSender[exchange.sender]?.work += size
        return true
    }

    /// The application has answered, or nobody waits for it any more.
    func endWork(_ connection: Connection) {
        guard let exchange = connection.exchange, exchange.isDispatched else { return }
        perSender[exchange.sender]?.work -= exchange.request.body.count
        connection.exchange?.request.body = []
    }

    /// To be called after each change of what a request or its answer holds.
    func recount(_ connection: Connection) {
        let held = connection.exchange?.heldBytes ?? 0
        requestBytes += held - connection.countedBytes
        connection.countedBytes = held
    }

    /// Gives up the largest of whoever holds most, while there is too much. One alone may be as large as it must.
    func makeRoomForRequests() {
        while requestBytes > configuration.limits.requestSum {
            let held = connections.values.filter { $0.countedBytes > 0 && $0.exchange?.canBeGivenUp == true }
            guard held.count > 1, let largest = Self.largest(among: held) else { return }
            giveUp(largest)
        }
    }

    private static func largest(among held: [Connection]) -> Connection? {
        let links = Dictionary(grouping: held) { $0.exchange?.sender }
        let most = links.values.max { first, second in
            let sizes = (first.reduce(0) { $0 + $1.countedBytes }, second.reduce(0) { $0 + $1.countedBytes })
            return sizes.0 == sizes.1 ? first[0].id < second[0].id : sizes.0 < sizes.1
        }
        return most?.max { ($0.countedBytes, $0.id) < ($1.countedBytes, $1.id) }
    }

    /// It is answered in words as long as nothing of another answer has gone out, and then closed.
    private func giveUp(_ connection: Connection) {
        guard var exchange = connection.exchange else { return }
        configuration.log(
            "A request from \(connection.address) was given up: requests and answers that are not read hold too much.")
        let isTold = exchange.reply?.hasBegun != true
        (exchange.isGivenUp, exchange.isDispatched, exchange.request.body) = (true, true, [])
        let answer = PreparedAnswer(Refusal.noRoom.response)
        let head = ResponseHead(
            status: answer.status, headers: answer.headers, length: answer.length, keepsAlive: false,
            isSecure: exchange.request.isSecure)
        exchange.reply = Reply(
            head: isTold ? head.bytes(configuration) : [], body: isTold ? answer.bytes : [], rest: nil, keepsAlive: false)
        connection.exchange = exchange
        recount(connection)
        if isTold { lws_callback_on_writable(connection.wsi) }
        // Whoever reads takes it within this time.
        let seconds = isTold ? Int32(configuration.limits.stallSeconds) : Int32(LWS_TO_KILL_ASYNC)
        lws_set_timeout(connection.wsi, PENDING_TIMEOUT_USER_OK, seconds)
    }
}
