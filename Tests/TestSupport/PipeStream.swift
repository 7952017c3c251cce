import Microscope
import Synchronization

/// One end of a stream in memory: no thread, no clock, and so repeatable under a seeded executor.
public final class PipeStream: ByteStream {
    private let incoming: Pipe
    private let outgoing: Pipe

    private init(_ incoming: Pipe, _ outgoing: Pipe) {
        self.incoming = incoming
        self.outgoing = outgoing
    }

    /// Two ends of one stream. `cut`: so many bytes in both directions together, after which it breaks.
    public static func pair(cut: Int? = nil) -> (PipeStream, PipeStream) {
        let budget = Budget(cut)
        let (a, b) = (Pipe(budget), Pipe(budget))
        budget.onEnd = {
            a.close()
            b.close()
        }
        return (PipeStream(a, b), PipeStream(b, a))
    }

    /// Bytes that came here and were not read yet.
    public var waitingBytes: Int { incoming.waitingBytes }

    public var hasUnread: Bool { waitingBytes > 0 }

    public func send(_ bytes: ArraySlice<UInt8>) async throws(ByteStreamEnd) { try outgoing.add(bytes) }
    public func sendUrgent(_ byte: UInt8) async throws(ByteStreamEnd) {}
    public func receive(_ count: Int) async throws(ByteStreamEnd) -> [UInt8] { try await incoming.take(count) }
    public func close() {
        incoming.close()
        outgoing.close()
    }

    private final class Budget: Sendable {
        private let left: Mutex<Int?>
        private let end = Mutex<@Sendable () -> Void>({})
        var onEnd: @Sendable () -> Void {
            get { end.withLock { $0 } }
            set { end.withLock { $0 = newValue } }
        }
        init(_ cut: Int?) { left = Mutex(cut) }

        /// How many of so many bytes still go through.
        func allow(_ count: Int) -> Int {
            left.withLock { left in
                guard let rest = left else { return count }
                left = max(0, rest - count)
                return min(rest, count)
            }
        }
    }

    private final class Pipe: Sendable {
        private struct State {
            var bytes: [UInt8] = []
            var isClosed = false
            var wanted = 0
            var reader: CheckedContinuation<Void, Never>?
        }
        private let state = Mutex(State())
        private let budget: Budget

        init(_ budget: Budget) { self.budget = budget }

        var waitingBytes: Int { state.withLock { $0.bytes.count } }

        func add(_ bytes: ArraySlice<UInt8>) throws(ByteStreamEnd) {
            let through = budget.allow(bytes.count)
            let (isClosed, reader) = state.withLock { state in
                state.bytes += bytes.prefix(through)
                return (state.isClosed, Self.wake(&state))
            }
            reader?.resume()
            if through < bytes.count { budget.onEnd() }
            if isClosed || through < bytes.count { throw .closedByPeer }
        }

        func take(_ count: Int) async throws(ByteStreamEnd) -> [UInt8] {
            while true {
                let taken: Result<[UInt8]?, ByteStreamEnd> = state.withLock { state in
                    if state.bytes.count >= count {
                        defer { state.bytes.removeFirst(count) }
                        return .success(Array(state.bytes.prefix(count)))
                    }
                    return state.isClosed ? .failure(.closedByPeer) : .success(nil)
                }
                if let bytes = try taken.get() { return bytes }
                await withCheckedContinuation { continuation in
                    let isReady = state.withLock { state in
                        if state.isClosed || state.bytes.count >= count { return true }
                        state.wanted = count
                        state.reader = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            }
        }

        func close() {
            let reader = state.withLock { state in
                state.isClosed = true
                return Self.wake(&state)
            }
            reader?.resume()
        }

        private static func wake(_ state: inout State) -> CheckedContinuation<Void, Never>? {
            guard state.isClosed || state.bytes.count >= state.wanted else { return nil }
            defer { state.reader = nil }
            return state.reader
        }
    }
}

/// Dials into memory: whoever serves takes the other ends as they come.
public final class PipeDialer: StreamDialer {
    public let connections: AsyncStream<any ByteStream>
    private let arrived: AsyncStream<any ByteStream>.Continuation
    private let cuts = Mutex<[Int]>([])

    public init() { (connections, arrived) = AsyncStream.makeStream(of: (any ByteStream).self) }

    /// The next connections break after so many bytes each.
    public func cutNext(after bytes: Int...) { cuts.withLock { $0 += bytes } }

    public func dial(_ address: SerialEMAddress, within seconds: Double) async throws(ByteStreamEnd) -> any ByteStream {
        let cut = cuts.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        let (near, far) = PipeStream.pair(cut: cut)
        arrived.yield(far)
        return near
    }

    /// Nobody comes any more.
    public func close() { arrived.finish() }
}
