import Microscope
import Synchronization

/// One client's connection: reads its messages and passes them on as events.
final class SerialEMClientConnection: Sendable {
    /// What the server's line of events is made of.
    enum Event: Sendable {
        case arrived(any ByteStream)
        case request(SerialEMClientConnection, SerialEMRequest)
        /// A message that cannot be understood; `isInStep`: the next one can.
        case refused(SerialEMClientConnection, SerialEMRefusal, isInStep: Bool)
        case pixels(SerialEMClientConnection, SerialEMPut, [UInt8])
        case left(SerialEMClientConnection)
        /// Nobody asked for the next part of an image in time; parts are counted.
        case partOverdue(Int)
    }

    let number: Int
    let stream: any ByteStream
    /// True from a message to its answer: what comes meanwhile is lost, as in the receive buffer of the program this stands for.
    private let isAnswering = Mutex(false)
    /// A fault made it deaf and dumb.
    private let silence = Mutex(false)

    init(number: Int, stream: any ByteStream) {
        self.number = number
        self.stream = stream
    }

    var isSilent: Bool {
        get { silence.withLock { $0 } }
        set { silence.withLock { $0 = newValue } }
    }

    /// The answer is about to go out: the client may ask again.
    func listen() { isAnswering.withLock { $0 = false } }

    /// Tells what comes, and reads on while it is worked on: so a client that goes is seen to go at once.
    func read(_ post: @Sendable (Event) -> Void, left: @Sendable () -> Void) async {
        do throws(ByteStreamEnd) {
            while try await readOne(post) {}
        } catch {
            // It is gone, whatever the reason.
        }
        left()
        post(.left(self))
    }

    private func readOne(_ post: @Sendable (Event) -> Void) async throws(ByteStreamEnd) -> Bool {
        let message = try await stream.receiveMessage { length in
            // Nil here; why is told from the length below.
            try? SerialEMRequest.rest(afterLength: length)
        }
        guard case .body(let body) = message else {
            guard case .refused(let length) = message else { return false }
            tell(.refused(self, length < 8 ? .tooShort : .tooLong, isInStep: false), post)
            return false
        }
        let request: SerialEMRequest
        do throws(SerialEMRefusal) { request = try SerialEMRequest(body: body[...]) } catch {
            tell(.refused(self, error, isInStep: true), post)
            return true
        }
        guard tell(.request(self, request), post), case .put(let put) = request, put.isSound else { return true }
        // They come when the server has said that it is ready.
        post(.pixels(self, put, try await stream.receive(Int(put.bytes))))
        return true
    }

    @discardableResult
    private func tell(_ event: Event, _ post: @Sendable (Event) -> Void) -> Bool {
        let isFirst = isAnswering.withLock { isAnswering in
            defer { isAnswering = true }
            return !isAnswering
        }
        if isFirst { post(event) }
        return isFirst
    }
}

extension SerialEMPut {
    /// That its numbers agree, so that its pixels can be taken.
    var isSound: Bool {
        guard let pixel = SerialEMPixel(rawValue: mode), (0..<20).contains(buffer), (0..<20).contains(base) else { return false }
        let sides = 1...Int32(SerialEMImageHeader.longestSide)
        guard sides.contains(width), sides.contains(height), bytes <= SerialEMImageHeader.mostBytes else { return false }
        return Int(bytes) == Int(width) * Int(height) * pixel.bytes
    }
}
