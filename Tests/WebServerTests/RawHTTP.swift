import Foundation

/// An answer as it came over the wire.
struct RawResponse: Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
}

extension RawSocket {
    /// Sends a well-formed request and reads its answer.
    func ask(_ method: String, _ target: String, headers: [String: String] = [:], body: String? = nil) throws -> RawResponse {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: test"] + headers.map { "\($0.key): \($0.value)" }
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        try send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
        return try readResponse(toHead: method == "HEAD")
    }

    func readResponse(toHead: Bool = false) throws -> RawResponse {
        let lines = try read(until: "\r\n\r\n").components(separatedBy: "\r\n")
        let parts = lines[0].split(separator: " ")
        guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else { throw RawProblem.notHTTP }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw RawProblem.notHTTP }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers[line[..<colon].lowercased()] = value
        }
        let length = toHead ? 0 : Int(headers["content-length"] ?? "0") ?? 0
        return RawResponse(status: status, headers: headers, body: try read(length))
    }
}

/// One request on a link of its own.
func ask(
    _ port: Int, _ method: String, _ target: String, headers: [String: String] = [:], body: String? = nil
) async throws -> RawResponse {
    try await blocking { try RawSocket(port: port).ask(method, target, headers: headers, body: body) }
}

/// Exactly these bytes on a link of its own, and the answer to them.
func ask(_ port: Int, raw: String) async throws -> RawResponse {
    try await blocking {
        let socket = try RawSocket(port: port)
        try socket.send(raw)
        return try socket.readResponse()
    }
}
