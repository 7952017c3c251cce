import RunModel
import Synchronization

/// One connection to SerialEM: one command out, one reply in, a deadline, no retry.
///
/// A connection on which anything else than an answer came is closed: a late answer can never be taken for the next command's.
public final class SerialEMConnection: Sendable {
    private struct State {
        var isOpen = true
        var isAsking = false
        /// What was asked last, when, and how long its answer may take.
        var question: (name: String, at: Double, limit: Double)?
        /// When the last thing was asked that was answered: since then the link is known to have been this one's.
        var provenAt = 0.0
        /// Problems come as answers and not as boxes on SerialEM's screen.
        var answersProblems = false
    }
    private let stream: any ByteStream
    private let clock: any Clock<Duration>
    private let gate: CommandGate?
    private let state = Mutex(State())
    private let seconds: @Sendable () -> Double
    /// Seconds that SerialEM looks whether it is idle before it answers, and some more.
    private static let controlDeadline = 12.0
    private static let imageDeadline = 60.0
    /// Seconds for which an answer proves the link. After more of them this process may have been stopped, or its machine have slept, while
    /// SerialEM gave its one link to another.
    private static let proofHolds = 10.0

    /// `gate` is asked before each command whose row says that it acts.
    public init(_ stream: any ByteStream, clock: any Clock<Duration>, gate: CommandGate? = nil) {
        self.stream = stream
        self.clock = clock
        self.gate = gate
        seconds = clock.stopwatch()
    }

    public var isOpen: Bool { state.withLock { $0.isOpen } }

    /// A command that has not been answered for half of the time that it may take; nil where all is as usual.
    public var silence: MicroscopeSilence? {
        let now = seconds()
        return state.withLock { state in
            guard state.isOpen, state.isAsking, let question = state.question, now - question.at >= question.limit / 2 else {
                return nil
            }
            return MicroscopeSilence(command: question.name, seconds: now - question.at, deadline: question.limit)
        }
    }

    /// Ends a call that is under way as well.
    public func close() {
        state.withLock { $0.isOpen = false }
        stream.close()
    }

    /// Carries out one command. `taking`: how many seconds it usually takes, where what it is told makes that another time than its row says.
    @discardableResult
    public func call(
        _ command: SerialEMCommand, _ arguments: [SerialEMArgument] = [], taking seconds: Double? = nil
    ) async throws(MicroscopeError) -> SerialEMReport {
        if command.row.acts {
            try await proveLink()
            try await gate?()
        }
        let limit = SerialEMCommandRow.deadline(of: seconds ?? command.row.usual)
        let request = SerialEMRequest.command(code: command.rawValue, arguments: arguments)
        guard case .outcome(let outcome) = try await ask(request, named: command.name, within: limit) else {
            throw garbled(command.name, "an answer to another question")
        }
        switch outcome {
        case .done(let values): return SerialEMReport(command: command, values: values)
        case .failed(let text): throw refusal(of: command, text ?? "")
        case .exited: return SerialEMReport(command: command, values: [])
        case .stopped:
            close()
            // A problem that was put into a box is told as STOP as well; then nobody need have pressed anything.
            throw state.withLock { $0.answersProblems }
                ? .operatorStopped : .linkLost("because a message on its screen ended \(command.name)")
        }
    }

    /// Lets SerialEM answer with its problems. Without it, each is a box on its screen that somebody has to click before an answer comes,
    /// one without words. It lasts as long as external control, so it is the first command of every connection.
    public func answerProblems() async throws(MicroscopeError) {
        try await call(.noMessageBoxOnError, [.integer(1)])
        state.withLock { $0.answersProblems = true }
    }

    /// Asks what costs nothing where the last proof is old. It counts from the question: the answer may have lain here for hours. What is sent to
    /// a link that was taken away is lost in silence, and only the answer that does not come says so.
    private func proveLink() async throws(MicroscopeError) {
        let now = seconds()
        guard state.withLock({ $0.isOpen && now - $0.provenAt > Self.proofHolds }) else { return }
        // A version that knows no such command has answered all the same.
        do throws(MicroscopeError) { try await call(.reportTickTime) } catch { guard error.isRefusal else { throw error } }
    }

    private func refusal(of command: SerialEMCommand, _ text: String) -> MicroscopeError {
        let words = SerialEMWords.sentence(text)
        guard words.isEmpty else { return .refused(words) }
        return command.isNew ? .unknownCommand(command.name) : .noReason(command: command.name)
    }

    /// Whether this very question started external control; false where it was on already, or could not be started.
    public func askToRun(within seconds: Double? = nil) async throws(MicroscopeError) -> Bool {
        guard
            case .okToRun(let starts) = try await ask(
                .okToRun, named: "OKtoRunExternalScript", within: seconds ?? Self.controlDeadline)
        else { throw garbled("OKtoRunExternalScript", "an answer to another question") }
        return starts
    }

    /// Copies a buffer, A to T; nil for an empty one.
    public func image(in buffer: SerialEMBuffer) async throws(MicroscopeError) -> SerialEMImage? {
        let request = SerialEMRequest.image(buffer: buffer.number, isFFT: false)
        return try await alone(named: "bufferImage", within: Self.imageDeadline) { [stream] () throws(Problem) in
            guard case .image(let header) = try await Self.exchange(request, stream) else {
                throw .garbage("an answer to another question")
            }
            guard header.bytes > 0, let pixel = SerialEMPixel(rawValue: header.mode) else { return nil }
            let bytes: [UInt8]
            do throws(ByteStreamEnd) {
                bytes = try await stream.receive(parts: header.partSizes, asking: SerialEMRequest.nextPart.message)
            } catch {
                throw .ended(error)
            }
            return SerialEMImage(pixel: pixel, width: Int(header.width), height: Int(header.height), bytes: bytes)
        }
    }

    /// Sends an image into a buffer. SerialEM says nothing when it has it: the next command's answer is the first sign of trouble.
    public func put(_ image: SerialEMImage, in buffer: SerialEMBuffer, like base: SerialEMBuffer) async throws(MicroscopeError) {
        let put = SerialEMPut(
            mode: image.pixel.rawValue, width: Int32(image.width), height: Int32(image.height), bytes: Int32(image.bytes.count),
            buffer: buffer.number, base: base.number, moreBinning: 1, capture: -1,
            parts: Int32((image.bytes.count + SerialEMPut.partBytes - 1) / SerialEMPut.partBytes))
        try await alone(named: "PutImageInBuffer", within: Self.imageDeadline) { [stream] () throws(Problem) in
            guard case .ready = try await Self.exchange(.put(put), stream) else {
                throw .garbage("an answer to another question")
            }
            do throws(ByteStreamEnd) { try await stream.send(image.bytes[...]) } catch { throw .ended(error) }
        }
    }
}

// One call at a time, with a deadline, and closed after anything but an answer.
extension SerialEMConnection {
    private enum Problem: Error {
        case ended(ByteStreamEnd)
        case garbage(String)
        case refused(Int32)
        case late
    }

    private func ask(_ request: SerialEMRequest, named name: String, within seconds: Double) async throws(MicroscopeError)
        -> SerialEMReply
    {
        try await alone(named: name, within: seconds) { [stream] () throws(Problem) in try await Self.exchange(request, stream) }
    }

    private static func exchange(_ request: SerialEMRequest, _ stream: any ByteStream) async throws(Problem) -> SerialEMReply {
        // Read now, it would be taken for the answer to what is asked next, and so would each later one.
        guard !stream.hasUnread else { throw .garbage("preceded by one that nobody had asked for") }
        let message: StreamMessage
        do throws(ByteStreamEnd) {
            try await stream.send(request.message[...])
            message = try await stream.receiveMessage { length in
                // What is refused here is told from the length below.
                try? SerialEMReply.rest(afterLength: length)
            }
        } catch {
            throw .ended(error)
        }
        guard case .body(let body) = message else { throw .garbage("a message of an impossible length") }
        let reply: SerialEMReply
        do throws(SerialEMGarbage) { reply = try SerialEMReply(body: body[...], to: request) } catch {
            throw .garbage(error.detail)
        }
        if case .refused(let number) = reply { throw .refused(number) }
        return reply
    }

    private func alone<Value: Sendable>(
        named name: String, within seconds: Double, _ work: @escaping @Sendable () async throws(Problem) -> Value
    ) async throws(MicroscopeError) -> Value {
        if Task.isCancelled { close() }
        let now = self.seconds()
        let place = state.withLock { state -> Bool? in
            guard state.isOpen else { return nil }
            guard !state.isAsking else { return false }
            (state.isAsking, state.question) = (true, (name, now, seconds))
            return true
        }
        guard let place else { throw Task.isCancelled ? .cancelled : .linkLost("and has not been opened again") }
        guard place else { throw .busy }
        let outcome = await race(seconds, work)
        state.withLock { $0.isAsking = false }
        switch outcome {
        case .success(let value):
            state.withLock { $0.provenAt = now }
            return value
        case .failure(let problem):
            let wasClosedHere = !isOpen
            close()
            if Task.isCancelled { throw .cancelled }
            throw sentence(problem, name, seconds, wasClosedHere)
        }
    }

    private func race<Value: Sendable>(
        _ seconds: Double, _ work: @escaping @Sendable () async throws(Problem) -> Value
    ) async -> Result<Value, Problem> {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Result<Value, Problem>?.self) { [clock, stream] group in
                group.addTask {
                    do throws(Problem) { return .success(try await work()) } catch { return .failure(error) }
                }
                group.addTask {
                    do { try await clock.sleep(for: .seconds(seconds)) } catch { return nil }  // cancelled: the answer came
                    return .failure(.late)
                }
                while let next = await group.next() {
                    guard let outcome = next else { continue }
                    // Ends the call that is still under way where the time is over.
                    if case .failure = outcome { stream.close() }
                    group.cancelAll()
                    return outcome
                }
                return .failure(.ended(.closedHere))
            }
        } onCancel: {
            close()
        }
    }

    private func sentence(_ problem: Problem, _ name: String, _ seconds: Double, _ wasClosedHere: Bool) -> MicroscopeError {
        switch problem {
        case .late: .timedOut(command: name, seconds: seconds)
        case .ended(let end): .linkLost(wasClosedHere ? ByteStreamEnd.closedHere.reason : end.reason)
        case .garbage(let detail): garbled(name, detail)
        case .refused(SerialEMRefusal.notInControl.rawValue): .busy
        case .refused(SerialEMRefusal.stoppedByOperator.rawValue): .operatorStopped
        case .refused(let number): .linkLost("because SerialEM refused \(name) (\(number))")
        }
    }

    private func garbled(_ name: String, _ detail: String) -> MicroscopeError {
        close()
        return .linkLost("because the answer to \(name) was \(detail)")
    }
}
