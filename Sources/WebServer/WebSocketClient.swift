import Synchronization

/// A handle on one open page; all its calls return at once, from any thread.
public struct WebSocketClient: Sendable, Identifiable {
    /// Never used twice by one server.
    public typealias ID = UInt64

    public let id: ID
    /// What the application attached when it admitted the client.
    public let tag: any Sendable
    public let remoteAddress: String
    private let server: WebServer

    init(id: ID, tag: any Sendable, remoteAddress: String, server: WebServer) {
        (self.id, self.tag, self.remoteAddress, self.server) = (id, tag, remoteAddress, server)
    }

    /// Sends after everything sent before; a client that falls too far behind is closed with 1013.
    public func send(_ frame: Frame) {
        server.send(frame, to: [id])
    }

    /// Sends the latest of its key; one that still waits is replaced, and it may be left out.
    public func send(reading frame: Frame, key: String) {
        server.send(reading: frame, key: key, to: [id])
    }

    /// Closes once what waits has been sent.
    public func close(code: UInt16 = 1000, reason: String = "") {
        server.post(.close(id, code: code, reason: reason))
    }
}

/// What the threads of the application want done on the network thread.
enum NetworkTask: Sendable {
    case send(Frame, [WebSocketClient.ID])
    case put(Frame, key: String, [WebSocketClient.ID])
    case close(WebSocketClient.ID, code: UInt16, reason: String)
}

/// Tasks in the order they were given: one hop to the network thread fetches all that wait.
final class NetworkTaskQueue: Sendable {
    private let tasks = Mutex<[NetworkTask]>([])

    /// True when the queue was empty, so that the network thread must be told.
    func put(_ task: NetworkTask) -> Bool {
        tasks.withLock {
            $0.append(task)
            return $0.count == 1
        }
    }

    func takeAll() -> [NetworkTask] {
        tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
    }
}
