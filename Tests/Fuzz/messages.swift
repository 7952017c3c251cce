// What both decoders' fuzzers need of a message, its length word first.

func lengthWord(of message: ArraySlice<UInt8>) -> Int32 {
    Int32(bitPattern: message.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
}

/// The message with an array as long as it says, since chance alone hardly ever makes the two agree.
func fitted(_ message: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let longs = (message.count - 20) / 4
    guard longs > 0 else { return message }
    var fitted = Array(message.prefix(20 + 4 * longs))
    withUnsafeBytes(of: Int32(longs).littleEndian) { fitted.replaceSubrange(16..<20, with: $0) }
    return fitted[...]
}
