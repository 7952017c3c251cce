import CLibWebSockets

/// One outgoing WebSocket message, stored once for however many clients it goes to.
public final class Frame: @unchecked Sendable {
    // The payload never changes. The padding before it does, but only on the network thread, which writes each frame's head there.
    private let storage: UnsafeMutablePointer<UInt8>
    public let count: Int
    let isBinary: Bool
    /// What it is about.
    let topic: String?
    let isSnapshot: Bool
    /// After it the client needs nothing of the topic that is older and still waits.
    let replacesEarlier: Bool

    public convenience init(_ text: String, of topic: String? = nil) {
        self.init(Array(text.utf8), isBinary: false, topic: topic)
    }

    /// Bytes that are UTF-8 text already.
    public convenience init(utf8 bytes: [UInt8]) {
        self.init(bytes, isBinary: false)
    }

    /// A whole state as UTF-8 text: takes the place of everything that waits of its topic.
    public convenience init(snapshot bytes: [UInt8], of topic: String) {
        self.init(bytes, isBinary: false, topic: topic, isSnapshot: true)
    }

    /// The last that a client hears on a topic: what still waits of it is not for this client any more.
    public convenience init(lastWord bytes: [UInt8], on topic: String) {
        self.init(bytes, isBinary: false, topic: topic, replacesEarlier: true)
    }

    init(_ bytes: [UInt8], isBinary: Bool, topic: String? = nil, isSnapshot: Bool = false, replacesEarlier: Bool = false) {
        count = bytes.count
        (self.topic, self.isSnapshot, self.replacesEarlier) = (topic, isSnapshot, isSnapshot || replacesEarlier)
        self.isBinary = isBinary
        storage = .allocate(capacity: Frame.padding + bytes.count)
        storage.initialize(repeating: 0, count: Frame.padding)
        bytes.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { payload.initialize(from: start, count: bytes.count) }
        }
    }

    deinit { storage.deallocate() }

    /// What it says.
    public var text: String { String(decoding: UnsafeBufferPointer(start: payload, count: count), as: UTF8.self) }

    /// Only for the network thread, but for reading.
    var payload: UnsafeMutablePointer<UInt8> { storage + Frame.padding }

    static let padding = Int(lws_padding)
}
