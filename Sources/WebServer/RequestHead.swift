import CLibWebSockets

/// The head of a request, copied out of libwebsockets: everything that is checked before a byte of the body is read. A
/// value without pointers, so the checks can be tested without a socket.
struct RequestHead {
    var method = ""
    /// Nil when it is not UTF-8.
    var path: String?
    /// Names are plain and short, whatever the client sent: others are left out, as all that nobody asks for.
    var query: [String: String] = [:]
    /// Plain text, whatever the client sent.
    var headers: [String: String] = [:]
    var version = ""
    var hostCount = 0
    var hasStrangeHeader = false
    var hasStrangeQuery = false
    var isSecure = false
    var remoteAddress = ""
    /// The path below which the pages stand for whoever asks; `path` is without it.
    var prefix = ""
    /// From this machine, and not passed on by anything.
    var isDirectLoopback = false

    /// Only inside the callbacks that come with a request.
    init(_ wsi: OpaquePointer, extraHeaders: [String], limit: Int, remoteAddress: String) {
        self.remoteAddress = remoteAddress
        isSecure = lws_is_ssl(wsi) != 0
        var start: UnsafeMutablePointer<CChar>?
        var length: Int32 = 0
        let methods = ["GET", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "HEAD"]
        let index = Int(lws_http_get_uri_and_method(wsi, &start, &length))
        if methods.indices.contains(index), let start {
            method = methods[index]
            path = start.withMemoryRebound(to: UInt8.self, capacity: Int(length)) {
                String(validating: UnsafeBufferPointer(start: $0, count: Int(length)), as: UTF8.self)
            }
            // The path is the first that the library keeps of a head, 9 bytes behind the beginning of memory of the size `limit`.
            let rest = limit - 16
            hasStrangeHeader = start.withMemoryRebound(to: UInt8.self, capacity: rest) {
                StrangeHeader.isAmong(wsi, memory: UnsafeBufferPointer(start: $0, count: rest))
            }
        }
        version = Self.value(wsi, WSI_TOKEN_HTTP) ?? ""
        // Two are as wrong as none, so a third need not be looked for.
        hostCount = (0..<2).count { lws_hdr_fragment_length(wsi, WSI_TOKEN_HOST, Int32($0)) > 0 }
        readHeaders(wsi, extraHeaders)
        readQuery(wsi)
    }

    func request() -> HTTPRequest {
        HTTPRequest(
            method: method == "HEAD" ? "GET" : method, path: path ?? "/", query: query, headers: headers,
            remoteAddress: remoteAddress, isLoopback: isDirectLoopback, isSecure: isSecure, prefix: prefix)
    }

    private mutating func readHeaders(_ wsi: OpaquePointer, _ extra: [String]) {
        for (token, name) in Self.names {
            if let value = Self.value(wsi, token) { headers[name] = value }
        }
        for name in extra {
            let key = "\(name):"
            let length = lws_hdr_custom_length(wsi, key, Int32(key.utf8.count))
            guard length >= 0 else { continue }
            headers[name] = Self.text(Int(length)) { lws_hdr_custom_copy(wsi, $0, $1, key, Int32(key.utf8.count)) }
        }
    }

    private mutating func readQuery(_ wsi: OpaquePointer) {
        var index: Int32 = 0
        while !hasStrangeQuery, case let length = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, index), length > 0 {
            let place = index
            let pair = Self.bytes(Int(length)) { lws_hdr_copy_fragment(wsi, $0, $1, WSI_TOKEN_HTTP_URI_ARGS, place) }
            // The library looks for each from the first one on.
            if index >= Self.mostPairs { hasStrangeQuery = true } else { add(pair: pair ?? []) }
            index += 1
        }
    }

    /// A text is compared by the look of its letters, which for one letter with thousands of marks takes everybody's time on this thread.
    private mutating func add(pair: [UInt8]) {
        let name = pair.prefix { $0 != UInt8(ascii: "=") }
        let value = pair.dropFirst(name.count + 1)
        guard value.count <= Self.longestForeign || value.allSatisfy({ $0 < 0x80 }) else {
            hasStrangeQuery = true
            return
        }
        guard name.count <= Self.longestName, name.allSatisfy({ 0x21...0x7E ~= $0 }) else { return }
        let key = String(decoding: name, as: UTF8.self)
        if query[key] == nil { query[key] = String(decoding: value, as: UTF8.self) }
    }

    private static let mostPairs = 64
    private static let longestName = 64
    /// Bytes of a value that is not plain ASCII: what somebody may be looking for.
    private static let longestForeign = 512

    /// The tokens that are headers, with their names as HTTP has them.
    private static let names: [(lws_token_indexes, String)] = (0..<UInt32(WSI_TOKEN_COUNT.rawValue)).compactMap { index in
        let token = lws_token_indexes(rawValue: index)
        guard let raw = lws_token_to_string(token) else { return nil }
        let name = raw.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
        guard name.hasSuffix(":"), !name.hasPrefix(":") else { return nil }
        return (token, String(name.dropLast()))
    }

    private static func value(_ wsi: OpaquePointer, _ token: lws_token_indexes) -> String? {
        let length = lws_hdr_total_length(wsi, token)
        guard length > 0 else { return nil }
        return text(Int(length)) { lws_hdr_copy(wsi, $0, $1, token) }
    }

    /// What is not ASCII becomes DEL, which no header of ours holds: cookies of other servers of this machine may hold anything.
    private static func text(_ length: Int, _ copy: (UnsafeMutablePointer<CChar>, Int32) -> Int32) -> String? {
        bytes(length, copy).map { String(decoding: $0.map { $0 < 0x80 ? $0 : 0x7F }, as: UTF8.self) }
    }

    /// The library wants room for separators between repeated headers and for a closing NUL.
    private static func bytes(_ length: Int, _ copy: (UnsafeMutablePointer<CChar>, Int32) -> Int32) -> [UInt8]? {
        let room = length * 2 + 64
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { buffer in
            guard let start = buffer.baseAddress, case let count = copy(start, Int32(room)), count >= 0 else { return nil }
            return start.withMemoryRebound(to: UInt8.self, capacity: room) {
                Array(UnsafeBufferPointer(start: $0, count: Int(count)))
            }
        }
    }
}
