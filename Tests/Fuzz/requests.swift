// What a server reads from any client. The input is a whole message.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let message = [UInt8](UnsafeBufferPointer(start: start, count: count))[...]
    guard message.count >= 4 else { return 0 }
    checkLength(message)
    // The body is read whatever the length word said: most inputs would end there.
    for message in [message, fitted(message)] {
        if let request = try? SerialEMRequest(body: message.dropFirst(4)) { checkRoundTrip(request) }
    }
    return 0
}

private func checkLength(_ message: ArraySlice<UInt8>) {
    guard let rest = try? SerialEMRequest.rest(afterLength: lengthWord(of: message)) else { return }
    precondition(rest >= 4 && rest < SerialEMRequest.longestMessage, "no more is awaited than a message may have")
}

/// Bytes are compared, not values: a number that is none does not equal itself.
private func checkRoundTrip(_ request: SerialEMRequest) {
    let message = request.message
    guard let again = try? SerialEMRequest(body: message.dropFirst(4)) else {
        preconditionFailure("what was read is written so that it can be read")
    }
    precondition(again.message == message, "and says the same")
    guard case .command(_, let arguments) = request, case .command(_, let others) = again else { return }
    precondition(arguments.count <= SerialEMRequest.mostArguments, "no more arguments than there may be")
    precondition(arguments.elementsEqual(others) { $0.text.utf8.elementsEqual($1.text.utf8) }, "texts keep their bytes")
}
