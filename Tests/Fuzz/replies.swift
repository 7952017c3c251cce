// What a client reads from any server. The first byte says what was asked; the rest is a whole message.

private let requests: [SerialEMRequest] = [
    .command(code: 293, arguments: []),
    .okToRun,
    .image(buffer: 0, isFFT: false),
    .put(
        SerialEMPut(
            mode: 0, width: 96, height: 64, bytes: 6144, buffer: 16, base: 0, moreBinning: 1, capture: -1, parts: 1)),
]

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    guard bytes.count >= 5 else { return 0 }
    let request = requests[Int(bytes[0]) % requests.count]
    let message = bytes.dropFirst()
    checkLength(message)
    // The body is read whatever the length word said: most inputs would end there.
    for message in [message, fitted(message)] {
        guard let reply = try? SerialEMReply(body: message.dropFirst(4), to: request) else { continue }
        checkRoundTrip(reply, to: request)
        if case .image(let header) = reply { checkParts(header) }
    }
    return 0
}

private func checkLength(_ message: ArraySlice<UInt8>) {
    guard let rest = try? SerialEMReply.rest(afterLength: lengthWord(of: message)) else { return }
    precondition(rest >= 4 && rest < SerialEMReply.longestMessage, "no more is awaited than a message may have")
}

/// Bytes are compared, not values: a number that is none does not equal itself.
private func checkRoundTrip(_ reply: SerialEMReply, to request: SerialEMRequest) {
    let message = reply.message
    guard let again = try? SerialEMReply(body: message.dropFirst(4), to: request) else {
        preconditionFailure("what was read is written so that it can be read")
    }
    precondition(again.message == message, "and says the same")
    guard case .outcome(.done(let values)) = reply else { return }
    precondition(values.count <= SerialEMReply.mostValues, "no more values than there may be")
}

private func checkParts(_ header: SerialEMImageHeader) {
    let sizes = header.partSizes
    precondition(sizes.reduce(0, +) == Int(header.bytes), "the parts make up the image")
    precondition(header.bytes == 0 || sizes.count == Int(header.parts), "and are as many as was said")
    precondition(sizes.allSatisfy { $0 <= SerialEMImageHeader.partBytes }, "and none is too large")
}
