import CLibWebSockets

/// What somebody has under way over HTTP.
struct SenderCount {
    struct Requests {
        /// Until they are answered, and not worked on any more.
        var underWay = 0
        /// Those of them that are worked on though their link has gone.
        var left = 0
    }
    var reads = Requests()
    var others = Requests()
    /// Bytes of the bodies that the application works on.
    var work = 0

    subscript(isRead isRead: Bool) -> Requests {
        get { isRead ? reads : others }
        set { if isRead { reads = newValue } else { others = newValue } }
    }
}

// What requests and their answers hold. Each is bounded by itself; here they are bounded by person and all together, since anybody can open
// many links, and ask for much and read nothing. Strangers of one address (behind a proxy, the address that it tells) count as one person.
//
// What the application works on is counted until it has done so: nobody can stop it, and whoever closes the link has not taken it back.
extension WebServer {
    func sender(of request: HTTPRequest) -> Sender {
        application.owner(of: request).map(Sender.person) ?? .network(PeerAddress.network(of: request.remoteAddress))
    }

    func begin(_ exchange: Exchange, _ connection: Connection) throws(Refusal) {
        let limits = configuration.limits
        if exchange.sender.isStranger, exchange.expected > limits.strangersBody {
            throw .tooLargeForStrangers(limits.strangersBody)
        }
        guard mayBegin(exchange) else { throw .tooManyRequests }
        end(connection)
        perSender[exchange.sender, default: SenderCount()][isRead: exchange.isRead].underWay += 1
        connection.exchange = exchange
    }

    /// A command is not refused because its sender reads much: it may be Stop. Commands are bounded by their links, and so are strangers, of
    /// whose links the idle ones make room for others; so only those count whose links have gone.
    private func mayBegin(_ exchange: Exchange) -> Bool {
        guard let count = perSender[exchange.sender]?[isRead: exchange.isRead] else { return true }
        let isBoundByLinks = exchange.sender.isStranger || !exchange.isRead
        return (isBoundByLinks ? count.left : count.underWay) < configuration.limits.requestsPerPerson
    }

    /// However it ended.
    func end(_ connection: Connection) {
        guard let exchange = connection.exchange else { return }
        connection.exchange = nil
        recount(connection)
        if exchange.isAtWork {
            perSender[exchange.sender]?[isRead: exchange.isRead].left += 1
        } else {
            uncount(exchange)
        }
    }

    private func uncount(_ exchange: Exchange) {
        guard var count = perSender[exchange.sender] else { return }
        count[isRead: exchange.isRead].underWay -= 1
        perSender[exchange.sender] = count.reads.underWay + count.others.underWay > 0 ? count : nil
    }

    /// Gives out what the application is to work on; nil when that is too much of the same sender. A single body always may be, and a small
    /// one, as commands have.
    func beginWork(_ connection: Connection) -> HTTPRequest? {
        guard let exchange = connection.exchange else { return nil }
        let (work, size) = (perSender[exchange.sender]?.work ?? 0, exchange.request.body.count)
        let limits = configuration.limits
        guard work == 0 || size <= limits.smallBody || work + size <= limits.workPerSender else { return nil }
        perSender[exchange.sender]?.work += size
        requestBytes += size
        connection.exchange?.isDispatched = true
        connection.exchange?.isAtWork = true
        connection.exchange?.request.body = []
        recount(connection)
        return exchange.request
    }

    /// The application has answered, whether somebody still waits for it or not. `exchange` is as it was before the work began.
    func endWork(_ exchange: Exchange, _ id: UInt64) {
        perSender[exchange.sender]?.work -= exchange.request.body.count
        requestBytes -= exchange.request.body.count
        if let connection = connection(id), connection.exchange?.number == exchange.number {
            connection.exchange?.isAtWork = false
        } else {
            perSender[exchange.sender]?[isRead: exchange.isRead].left -= 1
            uncount(exchange)
        }
    }

    /// To be called after each change of what a request or its answer holds.
    func recount(_ connection: Connection) {
        let held = connection.exchange?.heldBytes ?? 0
        requestBytes += held - connection.countedBytes
        connection.countedBytes = held
    }

    /// Gives up the largest of whoever holds most, while there is too much. The largest of all is not counted: a download may be as large as
    /// it must, and is not cut because of what others ask for meanwhile.
    func makeRoomForRequests() {
        while requestBytes > configuration.limits.requestSum {
            let held = connections.values.filter { $0.countedBytes > 0 && $0.exchange?.canBeGivenUp == true }
            guard let spared = held.max(by: { ($0.countedBytes, $1.id) < ($1.countedBytes, $0.id) }),
                requestBytes - spared.countedBytes > configuration.limits.requestSum,
                let largest = Self.largest(among: held.filter { $0 !== spared })
            else { return }
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

    /// It is answered in words as long as nothing of another answer has gone out, and then closed. What has been done is not told to be
    /// refused: whoever sent that command loses the link, and may ask again under its key.
    private func giveUp(_ connection: Connection) {
        guard var exchange = connection.exchange else { return }
        logGivenUp(connection)
        let isTold = exchange.reply.map { exchange.isRead && !$0.hasBegun } ?? true
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

    /// Once a minute: whoever asks for it can have many.
    private func logGivenUp(_ connection: Connection) {
        guard let count = givenUp.add() else { return }
        let which = count == 1 ? "A request" : "\(count) requests, the last"
        configuration.log(
            "\(which) from \(connection.address), given up: requests and answers that are not read hold too much.")
    }
}
