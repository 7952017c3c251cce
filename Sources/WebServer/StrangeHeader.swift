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
    /// `memory` is where the library keeps what it has read of the head; it may hold leftovers of earlier ones.
    static func isAmong(_ wsi: OpaquePointer, memory: UnsafeBufferPointer<UInt8>) -> Bool {
        suggestions(in: memory).contains { name in
            memory.withMemoryRebound(to: CChar.self) { memory in
                lws_hdr_custom_length(wsi, memory.baseAddress.map { $0 + name.lowerBound }, Int32(name.count)) >= 0
            }
        }
    }

    /// Where such a name may stand, its colon included. In front of an unknown name stand its length in two bytes, its value's in two, and
    /// in four where the next one is, of which the first two are zero: the memory is not so large.
    ///
    /// From the back, with the nearest byte that no name may hold: looking through each possible name would take some thirty milliseconds of
    /// everybody's time for a header that holds nothing but `!`.
    static func suggestions(in memory: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var (found, strange): ([Range<Int>], Int) = ([], memory.count)
        for start in memory.indices.dropFirst(8).reversed() {
            if !isOfName(memory[start]) { strange = start }
            let length = Int(memory[start - 8]) << 8 | Int(memory[start - 7])
            let colon = start + length - 1
            guard strange < colon, colon < memory.count, memory[colon] == UInt8(ascii: ":"), memory[start - 4] == 0,
                memory[start - 3] == 0
            else { continue }
            found.append(start..<colon + 1)
        }
        return found
    }

    private static func isOfName(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: ":") }
}
