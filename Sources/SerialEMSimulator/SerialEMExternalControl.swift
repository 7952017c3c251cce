import Microscope

/// The external control of a simulated SerialEM: who is connected, who has control, and the one line of events that changes both.
struct SerialEMExternalControl {
    typealias Event = SerialEMClientConnection.Event
    private let program: any SerialEMProgram
    private let clock: any Clock<Duration>
    private let post: @Sendable (Event) -> Void
    private let start: @Sendable (@escaping @Sendable () async -> Void) -> Void
    private var events: AsyncStream<Event>.Iterator
    /// What came while the next part of an image was waited for.
    private var waiting: [Event] = []
    private var client: SerialEMClientConnection?
    private var isInControl = false
    private var faults: SerialEMFaultList
    /// How long a program that is busy is waited for before the answer is no.
    private static let patience = 5.0
    /// Seconds that the program goes on being busy with something else.
    private var busySeconds: @Sendable () -> Double = { 0 }
    private var partsAwaited = 0

    init(
        program: any SerialEMProgram, clock: any Clock<Duration>, faults: SerialEMFaultList, events: AsyncStream<Event>,
        post: @escaping @Sendable (Event) -> Void, start: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Void
    ) {
        self.program = program
        self.clock = clock
        self.faults = faults
        self.events = events.makeAsyncIterator()
        self.post = post
        self.start = start
    }

    mutating func serve() async {
        while let event = await next() {
            switch event {
            case .arrived(let stream): admit(stream)
            case .left(let gone): if gone === client { leave() }
            case .request(let asking, let request): if asking === client, !asking.isSilent { await answer(request, asking) }
            case .refused(let asking, let refusal, let isInStep):
                guard asking === client, !asking.isSilent else { continue }
                await send(.refused(refusal.rawValue), to: asking)
                if !isInStep { asking.stream.close() }
            case .pixels(_, let put, let bytes): await keep(bytes, put)
            case .partOverdue: continue
            }
        }
        client?.stream.close()
    }

    private mutating func next() async -> Event? {
        waiting.isEmpty ? await events.next(isolation: nil) : waiting.removeFirst()
    }

    /// The newest connection pushes the old one out, without a word; control stays on.
    private mutating func admit(_ stream: any ByteStream) {
        client?.stream.close()
        let client = SerialEMClientConnection(number: program.clientCame(), stream: stream)
        self.client = client
        start { [program, post] in await client.read(post) { program.clientWent(client.number) } }
    }

    private mutating func leave() {
        client = nil
        endControl()
    }

    private mutating func endControl() {
        guard isInControl else { return }
        isInControl = false
        program.controlEnded()
    }
}

// What is answered.
extension SerialEMExternalControl {
    private mutating func answer(_ request: SerialEMRequest, _ client: SerialEMClientConnection) async {
        if case .okToRun = request {
            let starts = await takeControl() && !isInControl
            isInControl = isInControl || starts
            return await send(.okToRun(starts), to: client)
        }
        guard await isInControlOr(takesIt: request) else {
            return await send(.refused(SerialEMRefusal.notInControl.rawValue), to: client)
        }
        switch request {
        case .command(let code, let arguments): await answer(code, arguments, client)
        case .image(let buffer, let isFFT): await answerImage(buffer, isFFT, client)
        case .put(let put): await send(put.isSound ? .ready : .refused(SerialEMRefusal.wrongLength.rawValue), to: client)
        case .nextPart: await send(.refused(SerialEMRefusal.unknownFunction.rawValue), to: client)
        case .okToRun: return
        }
    }

    private mutating func isInControlOr(takesIt request: SerialEMRequest) async -> Bool {
        if !isInControl { isInControl = await takeControl() }
        return isInControl
    }

    /// Waits for a program that is busy as long as SerialEM does. False when it still is.
    private mutating func takeControl() async -> Bool {
        if let fault = faults.take(.busy) { busySeconds = Self.secondsLeft(of: fault.seconds ?? 60, clock) }
        guard busySeconds() > 0 else { return true }
        await pass(min(busySeconds(), Self.patience))
        return busySeconds() <= 0
    }

    private static func secondsLeft(of seconds: Double, _ clock: any Clock<Duration>) -> @Sendable () -> Double {
        func make<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Double {
            let end = clock.now.advanced(by: .seconds(seconds))
            return { clock.now.duration(to: end) / .seconds(1) }
        }
        return make(clock)
    }

    private mutating func answer(_ code: Int32, _ arguments: [SerialEMArgument], _ client: SerialEMClientConnection) async {
        faults.note(SimulatedSerialEM.knownName(of: code))
        if faults.take(.operatorStop, .before) != nil {
            // Pressed while nothing ran: the next request hears of it, once.
            endControl()
            return await send(.refused(SerialEMRefusal.stoppedByOperator.rawValue), to: client)
        }
        if faults.take(.hangUp, .before) != nil { return client.stream.close() }
        if faults.take(.halfOpen) != nil {
            client.isSilent = true
            return
        }
        let outcome = await program.run(code, arguments, client: client.number)
        switch outcome {
        case .exited, .stopped: endControl()
        case .done, .failed: break
        }
        if faults.take(.hangUp, .after) != nil { return client.stream.close() }
        if let fault = faults.take(.lateAnswer) { await pass(fault.seconds ?? 600) }
        if faults.take(.garbageAnswer) != nil { return await send(Self.garbage, to: client) }
        let message = SerialEMReply.outcome(outcome).message
        guard let fault = faults.take(.slowAnswer) else { return await send(message, to: client) }
        client.listen()
        for byte in message {
            await pass((fault.seconds ?? 1) / Double(message.count))
            await sendRaw([byte][...], to: client)
        }
    }

    /// Says that a million values follow.
    private static let garbage: [UInt8] = [24, 0, 0, 0, 0, 0, 0, 0, 64, 66, 15, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]

    private mutating func answerImage(_ buffer: Int32, _ isFFT: Bool, _ client: SerialEMClientConnection) async {
        let image = (0..<20).contains(buffer) ? await program.image(in: buffer, isFFT: isFFT) : nil
        guard let image else { return await send(.image(.empty), to: client) }
        let header = image.header
        client.listen()
        await sendRaw(SerialEMReply.image(header).message[...], to: client)
        // The module's first receive would take pixels for part of the header and throw them away; it stops before an urgent byte.
        do throws(ByteStreamEnd) { try await client.stream.sendUrgent(0) } catch { return }
        var rest = image.bytes[...]
        for (index, count) in header.partSizes.enumerated() {
            if index > 0, await !isNextPartAsked(by: client, after: header.partSizes[index - 1]) { return client.stream.close() }
            await sendRaw(rest.prefix(count), to: client)
            rest = rest.dropFirst(count)
        }
    }

    /// Waits as long as SerialEM does: a microsecond for five bytes.
    private mutating func isNextPartAsked(by client: SerialEMClientConnection, after bytes: Int) async -> Bool {
        let seconds = Double(bytes) / 5e6
        partsAwaited += 1
        let number = partsAwaited
        start { [clock, post] in
            try? await clock.sleep(for: .seconds(seconds))  // cancelled: the server ends
            post(.partOverdue(number))
        }
        var aside: [Event] = []
        defer { waiting = aside + waiting }
        while let event = await events.next(isolation: nil) {
            switch event {
            case .request(let asking, .nextPart) where asking === client:
                client.listen()
                return true
            case .left(let gone) where gone === client:
                aside.append(event)
                return false
            case .partOverdue(number): return false
            default: aside.append(event)
            }
        }
        return false
    }

    private mutating func keep(_ bytes: [UInt8], _ put: SerialEMPut) async {
        guard let pixel = SerialEMPixel(rawValue: put.mode) else { return }
        await program.put(
            SerialEMImage(pixel: pixel, width: Int(put.width), height: Int(put.height), bytes: bytes), as: put)
    }

    private func send(_ reply: SerialEMReply, to client: SerialEMClientConnection) async { await send(reply.message, to: client) }

    private func send(_ message: [UInt8], to client: SerialEMClientConnection) async {
        client.listen()
        await sendRaw(message[...], to: client)
    }

    private func sendRaw(_ bytes: ArraySlice<UInt8>, to client: SerialEMClientConnection) async {
        do throws(ByteStreamEnd) { try await client.stream.send(bytes) } catch {
            // Its reader sees the end as well, and says so.
        }
    }

    private func pass(_ seconds: Double) async {
        try? await clock.sleep(for: .seconds(seconds))  // cancelled: the server ends
    }
}

extension SerialEMImageHeader {
    fileprivate static let empty = SerialEMImageHeader(mode: 0, rowBytes: 0, width: 0, height: 0, bytes: 0, parts: 0)
}
