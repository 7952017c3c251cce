import Blocking
import Foundation
import Testing

@testable import WebServer

/// A server whose files lie on two disks, one of which hangs when a test says so.
private final class TwoDisks: Sendable {
    let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().appending(path: UUID().uuidString).path
    let disks: DiskLanes
    private let hang = DispatchSemaphore(value: 0)
    static let bytes = [UInt8](repeating: 7, count: 64 << 20)

    init() throws {
        disks = DiskLanes(
            mounts: FixedMounts([
                Mount(point: "/", device: "1"), Mount(point: "\(folder)/alive", device: "2"),
                Mount(point: "\(folder)/dead", device: "3"),
            ]), width: 1)
        for name in ["alive", "dead", "web"] {
            try Files.makeDirectories("\(folder)/\(name)")
            try Files.write("<p>\(name)", to: "\(folder)/\(name)/small")
        }
        try Files.write(Self.bytes, to: "\(folder)/dead/large")
    }

    deinit {
        hang.signal()
        Files.removeTree(folder)
    }

    /// Returns when the disk hangs. The call has a long deadline of its own, so that only the server's can notice.
    func silence() async {
        let began = AsyncStream.makeStream(of: Void.self)
        Task { [disks, folder, hang] in
            try? await disks.run(at: "\(folder)/dead", deadline: .seconds(3600)) {
                began.continuation.finish()
                hang.wait()
            }
        }
        for await _ in began.stream {}
    }

    var application: TestApplication {
        TestApplication { [folder] in HTTPResponse(body: .file(path: folder + $0.path, contentType: "text/plain")) }
    }

    func run(deadline: Duration, _ body: (Int) async throws -> Void) async throws {
        try await withServer(application) {
            $0.webRoot = "\(folder)/web"
            $0.disks = disks
            $0.limits.disk = deadline
        } _: { port, _ in
            try await body(port)
        }
    }
}

@Suite struct SilentDiskTests {
    @Test func `a file on a disk that hangs is refused in words, and every other file is sent`() async throws {
        let scene = try TwoDisks()
        try await scene.run(deadline: .milliseconds(50)) { port in
            #expect(try await ask(port, "GET", "/dead/small").text == "<p>dead")
            await scene.silence()
            // More of them than a server has threads for files.
            for _ in 1...20 {
                let answer = try await ask(port, "GET", "/dead/large")
                #expect(answer.status == 503)
                #expect(answer.headers["retry-after"] == "5")
                #expect(answer.text.contains("\"The disk at \(scene.folder)/dead has not answered for "))
            }
            #expect(try await ask(port, "GET", "/alive/small").text == "<p>alive")
            #expect(try await ask(port, "GET", "/static/small").text == "<p>web")
        }
    }

    @Test func `a download whose disk hangs while it is sent ends with its link`() async throws {
        let scene = try TwoDisks()
        try await scene.run(deadline: .milliseconds(500)) { port in
            let socket = try await blocking {
                let socket = try RawSocket(port: port)
                socket.narrow()
                try socket.send("GET /dead/large HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try socket.read(until: "\r\n\r\n")
                return socket
            }
            await scene.silence()
            let body = try await blocking { try socket.readToEnd() }
            #expect(body.count < TwoDisks.bytes.count)
            #expect(try await ask(port, "GET", "/alive/small").text == "<p>alive")
        }
    }
}
