import Blocking
import CLibWebSockets

// Requests and their answers. The callbacks return zero to go on and -1 to close the link.
//
// A request goes through here in steps, each a callback or a task: the head is judged, the body gathered, the
// application asked off the network thread, and the answer written whenever the peer takes more. Between the steps the
// link may be gone, or carry the next request, so tasks come back with the link's id and the request's number, and do
// nothing when either is no longer there.
//
// Whatever a client does, it gets an answer or loses its link: no step that waits for it is without a bound or a
// timeout.
extension WebServer {
    /// Judges the head before a byte of the body is read, so a body that is too large costs nothing. Refused here, the
    /// link is closed: where the next request would begin is not certain any more.
    func beginRequest(_ wsi: OpaquePointer) -> Int32 {
        guard let connection = connection(of: wsi), !connection.isDropped else { return -1 }
        do throws(Refusal) {
            let head = try head(wsi, connection)
            let expected = try head.checked(limits: configuration.limits)
            if isStopping { throw .stopping }
            let request = head.request()
            let exchange = Exchange(
                number: nextNumber(), request: request, expected: expected, keepsAlive: head.keepsAlive,
                isHead: head.method == "HEAD", sender: sender(of: request))
            try begin(exchange, connection)
            if expected == 0 { return dispatch(connection) }
            // The library's own limit begins anew with every byte.
            setTimer(wsi, seconds: configuration.limits.bodySeconds)
            return head.headers["expect"]?.lowercased() == "100-continue" ? writeNow("HTTP/1.1 100 Continue\r\n\r\n", wsi) : 0
        } catch {
            return refuse(error.response, wsi)
        }
    }

    func head(_ wsi: OpaquePointer, _ connection: Connection) throws(Refusal) -> RequestHead {
        setTimer(wsi, seconds: nil)
        var head = RequestHead(
            wsi, extraHeaders: configuration.extraHeaders + RequestHead.forwardingHeaders, limit: configuration.limits.headers,
            remoteAddress: connection.address)
        // What is no proper request is refused as such, whatever host it names.
        _ = try head.checked(limits: configuration.limits)
        try head.resolve(configuration)
        return head
    }

    /// A part of the body. More than was announced is no body but a trick to be read as the next request, and ends the
    /// link.
    func takeBody(_ wsi: OpaquePointer, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        guard !bytes.isEmpty else { return 0 }
        if connection(of: wsi)?.exchange?.isGivenUp == true { return 0 }
        guard let connection = connection(of: wsi), let exchange = connection.exchange, !exchange.isDispatched,
            exchange.request.body.count + bytes.count <= exchange.expected
        else { return -1 }
        connection.exchange?.request.body.append(contentsOf: bytes)
        recount(connection)
        makeRoomForRequests()
        return 0
    }

    /// The library announces an empty body too, after the request was dispatched, or even answered, without it.
    ///
    /// It also announces the end of a body again and again while a further request waits behind it unread, and then does
    /// nothing else: a client that does not wait for the answer to a body loses its link.
    func completeBody(_ wsi: OpaquePointer) -> Int32 {
        guard let connection = connection(of: wsi), let exchange = connection.exchange else { return 0 }
        guard exchange.isDispatched else { return dispatch(connection) }
        if exchange.isGivenUp { return 0 }
        // `exchange` is the copy from before this announcement.
        connection.exchange?.announcements += 1
        return exchange.expected == 0 && exchange.announcements == 0 ? 0 : -1
    }

    /// Hands the request to the application. From here on the peer waits for us and not we for it, so the library's
    /// timeout is lifted: a command that waits for the store may take its half minute.
    private func dispatch(_ connection: Connection) -> Int32 {
        // Lifting the time limit of one that was dropped would keep it, uncounted.
        guard let exchange = connection.exchange, !connection.isDropped else { return -1 }
        guard let request = beginWork(connection) else { return refuse(Refusal.tooManyRequests.response, connection.wsi) }
        setTimer(connection.wsi, seconds: nil)
        lws_set_timeout(connection.wsi, NO_PENDING_TIMEOUT, 0)
        Task { [id = connection.id] in
            let answer = await prepare(request)
            endWork(exchange, id)
            put(answer, id, exchange.number)
        }
        return 0
    }

    /// Off the network thread: the application, and every file call.
    private nonisolated func prepare(_ request: HTTPRequest) async -> PreparedAnswer {
        if let files, files.covers(request.path) {
            guard files.mayBeThere(request) else { return PreparedAnswer(Refusal.notFound.response) }
            return await onDisk(files.place(of: request)) { files.answer(to: request) }
        }
        let response = await application.respond(to: request)
        guard case .file(let path, let contentType, let folder) = response.body else { return PreparedAnswer(response) }
        return await onDisk(path) { .file(path, beneath: folder, contentType: contentType, for: request, response) }
    }

    /// A disk that is silent answers this request in words, and costs no other one anything.
    private nonisolated func onDisk(_ path: String, _ work: @escaping @Sendable () -> PreparedAnswer) async -> PreparedAnswer {
        do throws(BlockingProblem) {
            var (answer, lane) = try await configuration.disks.runAndStay(at: path, deadline: configuration.limits.disk) { _ in
                work()
            }
            answer.rest?.lane = lane
            return answer
        } catch {
            return PreparedAnswer(Refusal.disk(error).response)
        }
    }

    /// Puts the answer in place; it is written when the library says that the link can be written.
    private func put(_ answer: PreparedAnswer, _ id: UInt64, _ number: UInt64) {
        // The peer may have left, or its link may carry another request by now.
        guard let connection = connection(id), let exchange = connection.exchange, exchange.number == number else { return }
        let keepsAlive = exchange.keepsAlive && !isStopping
        let head = ResponseHead(
            status: answer.status, headers: answer.headers, length: answer.length, keepsAlive: keepsAlive,
            isSecure: exchange.request.isSecure)
        connection.exchange?.reply = Reply(
            head: head.bytes(configuration), body: exchange.isHead ? [] : answer.bytes,
            more: exchange.isHead ? [] : answer.more, rest: exchange.isHead ? nil : answer.rest, keepsAlive: keepsAlive)
        recount(connection)
        makeRoomForRequests()
        lws_callback_on_writable(connection.wsi)
    }

    /// Writes as much as fits into one buffer, then lets other links have their turn. A peer that takes nothing for
    /// `stallSeconds` is dropped: it would hold a file open for as long as it likes.
    func writeReply(_ wsi: OpaquePointer) -> Int32 {
        guard let connection = connection(of: wsi), let listener, connection.exchange?.reply != nil else { return 0 }
        let start = listener.scratch + Frame.padding
        let count = connection.exchange?.reply?.fill(start, room: Listener.scratchRoom) ?? 0
        if count > 0 {
            recount(connection)
            guard lws_write(wsi, start, count, LWS_WRITE_HTTP) >= 0 else { return -1 }
            lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, Int32(configuration.limits.stallSeconds))
        }
        guard let reply = connection.exchange?.reply else { return -1 }
        if reply.isComplete { return complete(connection, reply) }
        if reply.hasBytes {
            lws_callback_on_writable(wsi)
        } else if !reply.isFetching {
            fetch(connection)
        }
        return 0
    }

    /// After this the link is ready for its next request, or closed.
    private func complete(_ connection: Connection, _ reply: Reply) -> Int32 {
        end(connection)
        connection.finished(at: nextNumber())
        guard reply.keepsAlive else { return -1 }
        return lws_http_transaction_completed(connection.wsi) == 0 ? 0 : -1
    }

    /// Reads the next part of the file on the lane of its disk. One read at a time, and only when the part before has
    /// gone out.
    private func fetch(_ connection: Connection) {
        connection.exchange?.reply?.isFetching = true
        guard let exchange = connection.exchange, let rest = exchange.reply?.rest else { return }
        let (id, number) = (connection.id, exchange.number)
        Task {
            do throws(BlockingProblem) {
                let (bytes, left) = try await rest.lane.run(deadline: configuration.limits.disk) {
                    var rest = rest
                    return (rest.readChunk(), rest)
                }
                fetched(bytes, left, id, number)
            } catch {
                cutOff("A file could not be sent to its end. \(error.sentence)", id, number)
            }
        }
    }

    /// The length was told in the head already. A file that has become shorter since cannot keep it.
    private func fetched(_ bytes: [UInt8], _ rest: FilePart, _ id: UInt64, _ number: UInt64) {
        guard let connection = connection(id), let exchange = connection.exchange, exchange.number == number, !exchange.isGivenUp
        else { return }
        guard !bytes.isEmpty else { return cutOff("A file became shorter while it was sent.", id, number) }
        connection.exchange?.reply?.take(bytes, rest: rest.count > 0 ? rest : nil)
        recount(connection)
        makeRoomForRequests()
        lws_callback_on_writable(connection.wsi)
    }

    /// The rest of what was announced will not come; only a broken link tells the peer.
    private func cutOff(_ reason: String, _ id: UInt64, _ number: UInt64) {
        guard let connection = connection(id), connection.exchange?.number == number else { return }
        configuration.log(reason)
        lws_set_timeout(connection.wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC)
    }

    /// Answers at once and closes: what follows on this link cannot be trusted to be a request.
    func refuse(_ response: HTTPResponse, _ wsi: OpaquePointer) -> Int32 {
        let answer = PreparedAnswer(response)
        let head = ResponseHead(
            status: answer.status, headers: answer.headers, length: answer.length, keepsAlive: false,
            isSecure: lws_is_ssl(wsi) != 0)
        _ = writeNow(head.bytes(configuration) + answer.bytes, wsi)
        return -1
    }

    private func writeNow(_ text: String, _ wsi: OpaquePointer) -> Int32 {
        writeNow(Array(text.utf8), wsi)
    }

    private func writeNow(_ bytes: [UInt8], _ wsi: OpaquePointer) -> Int32 {
        var buffer = [UInt8](repeating: 0, count: Frame.padding) + bytes
        return buffer.withUnsafeMutableBufferPointer { buffer in
            lws_write(wsi, buffer.baseAddress! + Frame.padding, bytes.count, LWS_WRITE_HTTP_HEADERS) < 0 ? -1 : 0
        }
    }
}
