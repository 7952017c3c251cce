import CLibWebSockets

/// Headers whose name no header may have: a blank before the colon, or a line that continues the one before.
///
/// Programs disagree about those. One takes `Content-Length : 5` for a length and another for a header that it does not know, and then
/// they disagree about where a request ends. The library keeps such a header as one of an unknown name, and tells of one only whoever
/// knows the name. So whatever in its memory may be such a name is asked for: the memory suggests, and the library decides.
///
/// A name that is the beginning of one that it knows (`X-F`) it reads on into the next line, which then is no header of its own. That
/// shows here too, as a name with a line break.
enum StrangeHeader {
    /// `memory` is where the library keeps what it has read of the head; it may hold leftovers of earlier ones. In front of an unknown
    /// name stand eight bytes, which begin with its length.
    static func isAmong(_ wsi: OpaquePointer, memory: UnsafeBufferPointer<UInt8>) -> Bool {
        for start in memory.indices.dropFirst(8) {
            let length = Int(memory[start - 8]) << 8 | Int(memory[start - 7])
            let colon = start + length - 1
            guard length > 1, colon < memory.count, memory[colon] == UInt8(ascii: ":"),
                memory[start..<colon].contains(where: { !isOfName($0) })
            else { continue }
            let isThere = memory.withMemoryRebound(to: CChar.self) { memory in
                lws_hdr_custom_length(wsi, memory.baseAddress.map { $0 + start }, Int32(length)) >= 0
            }
            if isThere { return true }
        }
        return false
    }

    private static func isOfName(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: ":") }
}
