import CLibWebSockets

/// One outgoing WebSocket message, stored once for however many clients it goes to.
public final class Frame: @unchecked Sendable {
    // The payload never changes. The padding before it does, but only on the network thread, which writes each frame's head there.
    private let storage: UnsafeMutablePointer<UInt8>
    public let count: Int
    let isBinary: Bool

    public convenience init(_ text: String) {
        self.init(Array(text.utf8), isBinary: false)
    }

    /// Bytes that are UTF-8 text already.
    public convenience init(utf8 bytes: [UInt8]) {
        self.init(bytes, isBinary: false)
    }

    init(_ bytes: [UInt8], isBinary: Bool) {
        count = bytes.count
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
