import Glibc

// What a page or a script sends, and what a worker or a facility's program answers: refused in words, or read and written without a change.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    let read: JSONValue
    do throws(JSONProblem) { read = try JSONText.parse(bytes) } catch {
        precondition(!error.sentence.isEmpty, "what is refused is explained")
        return 0
    }
    precondition(depth(of: read) <= JSONLimits.standard.depth, "no deeper than the limit")
    let written = JSONText.bytes(of: read)
    guard let again = try? JSONText.parse(written) else { fatalError("what is written can be read") }
    precondition(JSONText.bytes(of: again) == written, "what is read again is written the same")
    decode(read)
    return 0
}

private func depth(of value: JSONValue) -> Int {
    switch value {
    case .array(let items): 1 + (items.map(depth).max() ?? 0)
    case .object(let fields): 1 + (fields.values.map(depth).max() ?? 0)
    default: 0
    }
}

/// As messages are: fields that may be missing, of another kind or out of range, and lists in lists.
private struct Message: Codable, Equatable {
    enum Kind: String, Codable { case one, two }
    var a: Int
    var b: Double?
    var c: [String: [Bool]]?
    var d: Kind?
    var e: [Message]?
    var f: UInt8?
    var g: Int64?
}

/// Decoding refuses or gives what encodes to what decodes to the same.
private func decode(_ value: JSONValue) {
    guard let message = try? JSONText.decode(Message.self, from: value) else { return }
    guard let text = try? JSONText.encode(message), let again = try? JSONText.decode(Message.self, from: text) else {
        fatalError("what was decoded can be encoded")
    }
    precondition(again == message, "and is the same")
}
