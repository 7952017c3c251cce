import Glibc

/// The names of the status numbers, as the standard has them: for the head of an answer, and for the `title` of a refusal.
public enum StatusLine {
    public static func title(_ status: Int) -> String {
        titles[status] ?? "Status \(status)"
    }

    private static let titles = [
        100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
        301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
        308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
        411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large", 415: "Unsupported Media Type",
        416: "Range Not Satisfiable", 422: "Unprocessable Content", 421: "Misdirected Request", 426: "Upgrade Required",
        428: "Precondition Required",
        429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
        501: "Not Implemented", 503: "Service Unavailable", 505: "HTTP Version Not Supported", 507: "Insufficient Storage",
    ]
}

/// The head of an answer as it goes over the wire.
struct ResponseHead {
    var status: Int
    var headers: [(String, String)]
    /// Nil for answers that by their status have no body.
    var length: Int?
    var keepsAlive: Bool
    var isSecure: Bool

    func bytes(_ configuration: WebServer.Configuration) -> [UInt8] {
        var lines = ["HTTP/1.1 \(status) \(StatusLine.title(status))", "date: \(HTTPDate.text(of: time(nil)))"]
        let given = Set(headers.map { $0.0.lowercased() })
        for (name, value) in always(configuration) where !given.contains(name) { lines.append("\(name): \(value)") }
        for (name, value) in headers where !Self.own.contains(name.lowercased()) {
            lines.append("\(Self.clean(name)): \(Self.clean(value))")
        }
        if let length { lines.append("content-length: \(length)") }
        lines.append("connection: \(keepsAlive ? "keep-alive" : "close")")
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// What the server alone decides; the application's word for these is ignored.
    private static let own: Set = ["content-length", "connection", "date", "transfer-encoding"]

    /// On every answer, unless the application gives its own. Pages may load nothing from elsewhere and stand in no
    /// frame of another site; answers are not kept by caches unless they say that they may be.
    /// `strict-transport-security` only under TLS: over plain HTTP browsers ignore it.
    private func always(_ configuration: WebServer.Configuration) -> [(String, String)] {
        let headers = [
            ("content-security-policy", configuration.contentSecurityPolicy), ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"), ("referrer-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
            ("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ]
        return !isSecure ? headers : headers + [("strict-transport-security", "max-age=31536000")]
    }

    /// A line break in a value would let its writer add headers.
    private static func clean(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
    }
}

/// Dates as HTTP has them: `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    static func text(of time: time_t) -> String {
        var (time, parts) = (time, tm())
        gmtime_r(&time, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            // The server never sets a locale, so day and month come out in English.
            let count = strftime(buffer.baseAddress!, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
