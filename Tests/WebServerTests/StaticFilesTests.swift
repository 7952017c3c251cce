import Foundation
import Testing
import WebServer

@Suite struct StaticFilesTests {
    @Test func `a page is served with its type, and nothing again while it is unchanged`() async throws {
        try await withFolder { port, _ in
            let page = try await ask(port, "GET", "/static/app.mjs")
            #expect(page.status == 200)
            #expect(page.text == "let a = 1")
            #expect(page.headers["content-type"] == "text/javascript; charset=utf-8")
            #expect(page.headers["cache-control"] == "no-cache")
            let tag = try #require(page.headers["etag"])
            let modified = try #require(page.headers["last-modified"])
            let again = try await ask(port, "GET", "/static/app.mjs", headers: ["If-None-Match": "W/\"x\", \(tag)"])
            #expect(again.status == 304 && again.headers["content-length"] == nil)
            #expect(try await ask(port, "GET", "/static/app.mjs", headers: ["If-Modified-Since": modified]).status == 304)
            #expect(try await ask(port, "GET", "/static/app.mjs", headers: ["If-None-Match": "\"x\""]).status == 200)
        }
    }

    @Test func `a HEAD gets the length and no body`() async throws {
        try await withFolder { port, _ in
            let (head, next) = try await blocking {
                let socket = try RawSocket(port: port)
                return (try socket.ask("HEAD", "/static/app.mjs"), try socket.ask("GET", "/static/app.mjs"))
            }
            #expect(head.status == 200 && head.headers["content-length"] == "9")
            #expect(next.text == "let a = 1")
        }
    }

    @Test(arguments: [
        "/static/", "/static/sub", "/static/sub/", "/static/none.js", "/static/leak.txt", "/static/leak/secret.txt",
        "/static/.hidden", "/static/%2e%2e/secret.txt", "/static/..%2fsecret.txt", "/static/pipe", "/static/app.mjs/",
    ])
    func `what is not a file of the folder is not there`(path: String) async throws {
        try await withFolder { port, _ in
            let answer = try await ask(port, "GET", path)
            // A path that climbs out of the prefix is the application's, which has no pages here.
            #expect(answer.status == 404)
            #expect(!answer.text.contains("secret words"))
        }
    }

    @Test func `only reading is offered`() async throws {
        try await withFolder { port, _ in
            let answer = try await ask(port, "POST", "/static/app.mjs", body: "x")
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == "GET, HEAD")
        }
    }

    @Test(
        arguments: [
            ("bytes=0-4", 206, "bytes 0-4/1000000", 5), ("bytes=-5", 206, "bytes 999995-999999/1000000", 5),
            ("bytes=300000-", 206, "bytes 300000-999999/1000000", 700_000), ("bytes=1000000-", 416, "bytes */1000000", nil),
            ("bytes=0-1,5-6", 200, nil, 1_000_000),
        ] as [(String, Int, String?, Int?)])
    func `a range of a file is answered`(range: String, status: Int, contentRange: String?, length: Int?) async throws {
        try await withFolder { port, _ in
            let answer = try await ask(port, "GET", "/static/large.bin", headers: ["Range": range])
            #expect(answer.status == status)
            #expect(answer.headers["content-range"] == contentRange)
            if let length { #expect(answer.body.count == length) }
            if status == 206 { #expect(answer.body.last == (range == "bytes=0-4" ? large[4] : large.last)) }
        }
    }

    @Test func `a range of a file that has changed since is answered with the whole`() async throws {
        try await withFolder { port, _ in
            let headers = ["Range": "bytes=0-4", "If-Range": "\"old\""]
            let answer = try await ask(port, "GET", "/static/large.bin", headers: headers)
            #expect(answer.status == 200 && answer.body == large)
        }
    }

    @Test func `a large file arrives whole at a slow reader, and the link goes on`() async throws {
        try await withFolder { port, _ in
            let (file, next) = try await blocking {
                let socket = try RawSocket(port: port)
                socket.narrow()
                return (try socket.ask("GET", "/static/large.bin"), try socket.ask("GET", "/static/app.mjs"))
            }
            #expect(file.body == large)
            #expect(next.text == "let a = 1")
        }
    }

    @Test func `the application can answer with a file from elsewhere`() async throws {
        try await withFolder { port, folder in
            let answer = try await ask(port, "GET", "/image", headers: ["X-Request-ID": folder])
            #expect(answer.headers["content-type"] == "image/png")
            #expect(answer.headers["cache-control"] == "private")
            #expect(answer.text == "let a = 1")
        }
    }
}

private let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }

/// A server over a folder with a page, a large file, and links and pipes that must not be served.
private func withFolder(_ body: (Int, String) async throws -> Void) async throws {
    let outside = FileManager.default.temporaryDirectory.appending(path: "web-\(UUID().uuidString)").path
    let folder = "\(outside)/web"
    try FileManager.default.createDirectory(atPath: "\(folder)/sub", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: outside) }  // A folder left over harms no later test.
    try Data("let a = 1".utf8).write(to: URL(filePath: "\(folder)/app.mjs"))
    try Data("secret words".utf8).write(to: URL(filePath: "\(outside)/secret.txt"))
    try Data("secret words".utf8).write(to: URL(filePath: "\(folder)/.hidden"))
    try Data(large).write(to: URL(filePath: "\(folder)/large.bin"))
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/leak.txt", withDestinationPath: "\(outside)/secret.txt")
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/leak", withDestinationPath: outside)
    #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
    let application = TestApplication { request in
        guard request.path == "/image" else { return HTTPResponse(status: 404) }
        return HTTPResponse(
            headers: [("Cache-Control", "private")], body: .file(path: "\(folder)/app.mjs", contentType: "image/png"))
    }
    try await withServer(application) {
        $0.webRoot = folder
    } _: { port, _ in
        try await body(port, folder)
    }
}
