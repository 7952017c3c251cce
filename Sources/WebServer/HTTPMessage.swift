/// One request, complete with its body.
public struct HTTPRequest: Sendable {
    /// In capitals. A `HEAD` arrives as `GET`: the server leaves the body out by itself.
    public var method: String
    /// Percent-decoded once; never holds `..`, control characters or a NUL.
    public var path: String
    /// Of a name that is given twice the first counts.
    public var query: [String: String]
    /// Names in lower case; of those the HTTP standard does not name only `Configuration.extraHeaders` are here.
    public var headers: [String: String]
    public var body: [UInt8]
    public var remoteAddress: String
    /// From this machine itself: not what a proxy here passes on.
    public var isLoopback: Bool
    /// Whether its sender came over TLS.
    public var isSecure: Bool
    /// The path below which its sender finds the pages: empty, or `/gridpilot`.
    public var prefix: String

    public init(
        method: String = "GET", path: String, query: [String: String] = [:], headers: [String: String] = [:],
        body: [UInt8] = [], remoteAddress: String = "127.0.0.1", isLoopback: Bool = true, isSecure: Bool = false,
        prefix: String = ""
    ) {
        (self.method, self.path, self.query, self.headers) = (method, path, query, headers)
        (self.body, self.remoteAddress, self.isLoopback, self.isSecure) = (body, remoteAddress, isLoopback, isSecure)
        self.prefix = prefix
    }

    public func cookie(_ name: String) -> String? { cookies(name).first }

    /// All of that name: a browser sends one for each path that it was set for.
    public func cookies(_ name: String) -> [String] {
        (headers["cookie"] ?? "").split(separator: ";").compactMap { pair in
            let pair = pair.drop { $0 == " " }
            return pair.hasPrefix("\(name)=") ? String(pair.dropFirst(name.count + 1)) : nil
        }
    }

    /// Whether the page that sent this came from this server, as far as the browser says: nil where it says nothing.
    public var isSameOrigin: Bool? {
        headers["origin"].map { Origin.matches($0, host: headers["host"] ?? "", isSecure: isSecure) }
    }
}

/// What is answered. Length, date, connection and security headers are added by the server.
public struct HTTPResponse: Sendable {
    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A file, with ranges and revalidation; 404 where there is none, or where a link leads out of the folder `beneath`.
        case file(path: String, contentType: String, beneath: String? = nil)
    }

    public var status: Int
    public var headers: [(String, String)]
    public var body: Body

    public init(status: Int = 200, headers: [(String, String)] = [], body: Body = .none) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    public static func json(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("content-type", "application/json")], body: .bytes(Array(text.utf8)))
    }
}
