import Blocking

/// A request that the server itself does not take, with the reason for people. In the same form as the application's
/// refusals, so that a page needs to read only one.
struct Refusal: Error, Equatable {
    var status: Int
    var code: String
    var sentence: String
    var remedy: String
    var header: [String: String] = [:]

    var response: HTTPResponse {
        HTTPResponse(
            status: status, headers: [("content-type", "application/problem+json")] + header.map { ($0.key, $0.value) },
            body: .bytes(Array(text.utf8)))
    }

    /// By hand, since this target knows no JSON.
    private var text: String {
        let words = [("code", code), ("title", StatusLine.title(status)), ("sentence", sentence), ("remedy", remedy)]
        let members = words.map { "\"\($0)\":\"\(Self.escaped($1))\"" } + ["\"status\":\(status)"]
        return "{\(members.joined(separator: ","))}"
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Refusal {
    static let noHost = bad("request.host", "The request does not name exactly one host.", "Send exactly one Host header.")
    static let badVersion = Refusal(
        status: 505, code: "request.version", sentence: "Only HTTP 1.0 and 1.1 are spoken here.", remedy: "Use HTTP/1.1.")
    static let badLength = bad(
        "request.length", "The length of the body is not given as one whole number.", "Send one Content-Length header.")
    static let lengthAndChunks = bad(
        "request.length", "The request gives a length and a transfer coding at once.", "Send Content-Length alone.")
    static let chunked = Refusal(
        status: 411, code: "request.lengthRequired", sentence: "The body comes in chunks without a length.",
        remedy: "Send it with a Content-Length header.")
    static let badFirstLine = bad(
        "request.firstLine", "The first line is not that of an HTTP request.", "Send a method, an address and the version.")
    static let badHeaderName = bad(
        "request.header", "The name of a header holds a blank, or a header goes on in a second line.",
        "Write each header in one line, with the colon right behind its name.")
    static let badHeaderValue = bad(
        "request.header", "A header holds a character that none may hold.", "Leave control characters out.")
    static let notHTTP = bad("request.notHTTP", "This is not HTTP.", "Use a web browser, or another program that speaks HTTP.")
    static let badPath = bad("request.path", "The path holds characters that no page has.", "Correct the address.")
    static let badQuery = bad(
        "request.query", "What follows the question mark of the address is more than is asked for here.", "Correct the address.")
    static let badMethod = Refusal(
        status: 405, code: "request.method", sentence: "This method is not used here.", remedy: "Use GET or POST.")
    static let notFound = Refusal(
        status: 404, code: "request.notFound", sentence: "There is nothing at this address.", remedy: "Check the address.")
    static let noWebSocket = Refusal(
        status: 404, code: "webSocket.path", sentence: "There is no live link at this address.",
        remedy: "Check the address.")
    static let badWebSocketVersion = Refusal(
        status: 426, code: "webSocket.version", sentence: "Only version 13 of WebSocket is spoken here.",
        remedy: "Use a newer browser.", header: ["sec-websocket-version": "13"])
    static let badWebSocketKey = bad(
        "webSocket.key", "The key of the WebSocket is not 16 bytes in base 64.", "Send a fresh Sec-WebSocket-Key.")
    static let badHandshake = bad(
        "webSocket.handshake", "The request for a WebSocket is not complete.",
        "Send it as GET with HTTP/1.1, Connection: Upgrade and without a body.")
    static let otherOrigin = Refusal(
        status: 403, code: "request.origin", sentence: "This request comes from a page of another site.",
        remedy: "Open the page from this server.")
    static let noOrigin = Refusal(
        status: 403, code: "request.origin", sentence: "The request brings a cookie and does not say which page it comes from.",
        remedy: "Use a browser, or a program with a token.")
    static let slowBody = Refusal(
        status: 408, code: "request.slow", sentence: "The body of the request did not arrive in time.", remedy: "Send it again.")
    static func otherHost(_ known: PublicURL?) -> Refusal {
        let remedy =
            known.map { "Open \($0.isSecure ? "https" : "http")://\($0.host)\($0.prefix)/ instead." }
            ?? "Use the server's address, or have this name set as public_url in its configuration."
        return Refusal(
            status: 421, code: "request.otherHost", sentence: "This server does not go by the name in the address.",
            remedy: remedy)
    }

    static let stopping = Refusal(
        status: 503, code: "server.stopping", sentence: "The server is stopping.", remedy: "Try again in a moment.")

    static func disk(_ problem: BlockingProblem) -> Refusal {
        Refusal(
            status: 503, code: "disk.noAnswer", sentence: problem.sentence, remedy: problem.remedy ?? "Try again in a moment.",
            header: ["retry-after": "5"])
    }

    static func tooLarge(_ limit: Int) -> Refusal {
        Refusal(
            status: 413, code: "request.tooLarge", sentence: "The body is larger than the \(limit) bytes allowed here.",
            remedy: "Send less at once.")
    }

    /// A stranger may be somebody whose sign-in has ended.
    static func tooLargeForStrangers(_ limit: Int) -> Refusal {
        Refusal(
            status: 413, code: "request.tooLarge",
            sentence: "The body is larger than the \(limit) bytes allowed to whoever is not signed in.", remedy: "Sign in first.")
    }

    static let tooManyRequests = Refusal(
        status: 429, code: "request.tooMany", sentence: "You have asked for too much at once.",
        remedy: "Wait for the answers, then ask again.", header: ["retry-after": "5"])
    static let noRoom = Refusal(
        status: 503, code: "server.noRoom", sentence: "The server has no room for this request, or for its answer.",
        remedy: "Try again in a moment, and read the answers to what you ask for.", header: ["retry-after": "5"])

    static func tooManyWebSockets(_ limit: Int) -> Refusal {
        Refusal(
            status: 429, code: "webSocket.tooMany",
            sentence: "You have \(limit) pages open, which is as many as one person may have.",
            remedy: "Close some of them.", header: ["retry-after": "5"])
    }

    static func subprotocol(_ name: String) -> Refusal {
        bad("webSocket.subprotocol", "The request does not offer the subprotocol \(name).", "Offer \(name).")
    }

    private static func bad(_ code: String, _ sentence: String, _ remedy: String) -> Refusal {
        Refusal(status: 400, code: code, sentence: sentence, remedy: remedy)
    }
}
