/// A connected stream of bytes. One caller reads and one writes at a time.
public protocol ByteStream: Sendable {
    func send(_ bytes: ArraySlice<UInt8>) async throws(ByteStreamEnd)
    /// One byte out of band: a peer's receive ends before it, and never delivers it.
    func sendUrgent(_ byte: UInt8) async throws(ByteStreamEnd)
    /// Exactly `count` bytes.
    func receive(_ count: Int) async throws(ByteStreamEnd) -> [UInt8]
    /// A length of four bytes, and as many bytes more as `rest` makes of it.
    func receiveMessage(_ rest: @escaping @Sendable (Int32) -> Int?) async throws(ByteStreamEnd) -> StreamMessage
    /// Several parts as one array; before each but the first, `request` is sent.
    func receive(parts: [Int], asking request: [UInt8]) async throws(ByteStreamEnd) -> [UInt8]
    /// Whether bytes have come that nobody has read; looks without waiting.
    var hasUnread: Bool { get }
    /// Ends whatever is under way, at once. May be called by anybody and more than once.
    func close()
}

/// What came in one piece.
public enum StreamMessage: Hashable, Sendable {
    /// All but the length.
    case body([UInt8])
    /// A length that nobody reads on after.
    case refused(length: Int32)
}

/// The stream is over.
public struct ByteStreamEnd: Error, Hashable, Sendable {
    /// As the sentence goes on after "was lost".
    public let reason: String
    public init(_ reason: String) { self.reason = reason }

    public static let closedByPeer = ByteStreamEnd("because SerialEM closed it")
    public static let closedHere = ByteStreamEnd("because it was closed here")
}

extension ByteStream {
    public func receiveMessage(_ rest: @escaping @Sendable (Int32) -> Int?) async throws(ByteStreamEnd) -> StreamMessage {
        let length = try await receive(4).int32
        guard let count = rest(length) else { return .refused(length: length) }
        return .body(try await receive(count))
    }

    public func receive(parts: [Int], asking request: [UInt8]) async throws(ByteStreamEnd) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, count) in parts.enumerated() {
            if index > 0 { try await send(request[...]) }
            bytes += try await receive(count)
        }
        return bytes
    }
}

extension [UInt8] {
    /// The first four, little endian.
    var int32: Int32 { Int32(bitPattern: prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }) }
}
