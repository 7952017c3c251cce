import Glibc

/// The folder of the pages: what is in it is served, nothing beside it, no listing. Names that begin with a dot are not
/// there, whatever somebody has put into the folder.
struct StaticFiles: Sendable {
    private let root: String
    private let prefix: String

    init(root: String, prefix: String) {
        (self.root, self.prefix) = (root, prefix)
    }

    func covers(_ path: String) -> Bool { path.hasPrefix(prefix) }

    /// Whether such a file can be there at all, told before anybody looks: a look at a long path takes its time from everybody else's.
    func mayBeThere(_ request: HTTPRequest) -> Bool {
        let parts = request.path.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        return parts.count <= Self.deepest && parts.allSatisfy { $0.utf8.count <= Self.longestName }
    }
    private static let deepest = 16
    /// The kernel has no longer ones.
    private static let longestName = 255

    /// Where the file would be; whether it may be served is not asked here.
    func place(of request: HTTPRequest) -> String { "\(root)/\(request.path.dropFirst(prefix.count))" }

    /// May block.
    func answer(to request: HTTPRequest) -> PreparedAnswer {
        guard request.method == "GET" else {
            var refusal = Refusal.badMethod
            refusal.header = ["allow": "GET, HEAD"]
            return PreparedAnswer(refusal.response)
        }
        guard let file = resolve(String(request.path.dropFirst(prefix.count))) else {
            return PreparedAnswer(Refusal.notFound.response)
        }
        return .file(file, contentType: ContentType.of(file), for: request, HTTPResponse())
    }

    /// The real place of a file, if that is inside the folder: links may not lead out of it. Compared after links are
    /// followed, so no way of writing the path can trick it.
    private func resolve(_ path: String) -> String? {
        guard !path.isEmpty, !path.hasSuffix("/"), !path.contains("\0"),
            !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }),
            let folder = Self.real(root), let file = Self.real("\(root)/\(path)"), file.hasPrefix("\(folder)/")
        else { return nil }
        return file
    }

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

/// What browsers must be told about a file.
enum ContentType {
    static func of(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return "application/octet-stream" }
        return types[name[name.index(after: dot)...].lowercased()] ?? "application/octet-stream"
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "txt": "text/plain; charset=utf-8",
        "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8", "json": "application/json",
        "map": "application/json", "webmanifest": "application/manifest+json", "svg": "image/svg+xml", "png": "image/png",
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "ico": "image/x-icon",
        "woff": "font/woff", "woff2": "font/woff2", "pdf": "application/pdf", "wasm": "application/wasm",
        "md": "text/markdown; charset=utf-8", "csv": "text/csv; charset=utf-8",
    ]
}
