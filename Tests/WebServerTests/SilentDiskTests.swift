import Blocking
import Foundation
import Synchronization
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

    /// Returns when the disk hangs and its lane knows: what is asked from then on is refused at once, however slow the machine.
    func silence() async {
        let begun = Flag()
        // A call that was given up before its turn never begins.
        while !begun.isSet {
            try? await disks.run(at: "\(folder)/dead", deadline: .milliseconds(1)) { [hang] in
                begun.set()
                hang.wait()
            }
        }
    }

    /// Returns when the disk hangs, which nobody has noticed yet: the call has a long deadline of its own.
    func silenceUnnoticed() async {
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

    /// A minute is beyond what any machine takes to read a file that is there.
    func run(deadline: Duration = .seconds(60), web: String = "web", _ body: (Int) async throws -> Void) async throws {
        try await withServer(application) {
            $0.webRoot = "\(folder)/\(web)"
            $0.disks = disks
            $0.limits.disk = deadline
        } _: { port, _ in
            try await body(port)
        }
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

@Suite struct SilentDiskTests {
    @Test func `a file on a disk that hangs is refused in words, and every other file is sent`() async throws {
        let scene = try TwoDisks()
        try await scene.run { port in
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

    @Test(arguments: [
        String(repeating: "a/", count: 7000), String(repeating: "a/", count: 16), String(repeating: "a", count: 255),
    ])
    func `a path that no file can have is refused without a look at the disk`(path: String) async throws {
        let scene = try TwoDisks()
        try await scene.run(web: "dead") { port in
            await scene.silence()
            let long = try await ask(port, "GET", "/static/\(path)a")
            let plain = try await ask(port, "GET", "/static/small")
            #expect(long.status == 404)
            #expect(plain.status == 503)
        }
    }

    @Test func `a disk that begins to hang is given up after the server's own deadline`() async throws {
        let scene = try TwoDisks()
        await scene.silenceUnnoticed()
        try await scene.run(deadline: .milliseconds(50)) { port in
            let answer = try await ask(port, "GET", "/dead/small")
            #expect(answer.status == 503)
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
        }
        try await scene.run { port in
            let answer = try await ask(port, "GET", "/alive/small")
            #expect(answer.text == "<p>alive")
        }
    }
}
