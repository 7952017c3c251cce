import ArgumentParser
import Foundation
import JSONText

struct DemoBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "The demo's session by the built server: its time and the server's memory.")
    @Option(help: "How many times as fast as a real microscope.") var speed = 60
    @Option(help: "The program. (default: GRIDPILOT_BINARY)") var program: String?

    func run() async throws {
        guard let program = program ?? ProcessInfo.processInfo.environment["GRIDPILOT_BINARY"] else {
            throw ValidationError("Name the program with --program or GRIDPILOT_BINARY.")
        }
        let folder = try Scratch.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }  // A leftover in /tmp does no harm.
        let server = try DemoServer(program, folder, speed: speed)
        defer { server.end() }
        let session = try await server.signIn()
        let start = ContinuousClock.now
        try await server.carryOut(session)
        let took = (ContinuousClock.now - start) / .seconds(1)
        Report.line("The demo's session at speed \(speed)", took, "s", promised: 360)
        let memory = Memory.resident(of: "\(server.pid)")
        Report.line("The server's memory at its peak", Double(memory?.peak ?? 0) / 1024, "MB", promised: 400)
    }
}

/// The built server, asked over HTTP.
final class DemoServer {
    private static let password = "a bench password"
    private let process = Process()
    private let base: URL
    private var cookie = ""
    var pid: Int32 { process.processIdentifier }

    init(_ program: String, _ folder: String, speed: Int) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "serve", "--demo", "--data", folder, "--listen", "127.0.0.1:0", "--speed", "\(speed)", "--log-level", "warning",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(["GRIDPILOT_DEMO_PASSWORD": Self.password]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            line.append(byte)
        }
        guard let address = String(decoding: line, as: UTF8.self).split(separator: " ").last,
            let base = URL(string: String(address))
        else {
            throw ValidationError("The server did not start.")
        }
        self.base = base
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
    }

    /// The id of the first session that is ready.
    func signIn() async throws -> String {
        _ = try await ask("POST", "api/login", ["username": "operator", "password": .string(Self.password)])
        guard let id = try await ask("GET", "api/sessions")["items"]?[0]?["id"]?.text else {
            throw ValidationError("There is no session.")
        }
        return id
    }

    /// Starts it and goes on to the next grid whenever it asks. A look a second is no load, and a second is no matter here.
    func carryOut(_ session: String) async throws {
        _ = try await ask("POST", "api/sessions/\(session)/start", [:])
        while true {
            try await Task.sleep(for: .seconds(1))
            let answer = try await ask("GET", "api/sessions/\(session)")
            let state = answer["state"] ?? answer
            if let prompt = state["prompt"]?["id"]?.text {
                _ = try await ask("POST", "api/sessions/\(session)/prompts/\(prompt)", ["answer": "next"])
            }
            guard let status = state["status"]?.text, !["starting", "running", "paused", "ready"].contains(status) else {
                continue
            }
            guard status == "completed" else { throw ValidationError("The session ended as \(status).") }
            return
        }
    }

    func ask(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let text = body.map(JSONText.write) ?? ""
        var head = "\(method) /\(path) HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nConnection: close\r\n"
        if !cookie.isEmpty { head += "Cookie: \(cookie)\r\n" }
        if body != nil { head += "Content-Type: application/json\r\nContent-Length: \(text.utf8.count)\r\n" }
        let answer = try PlainLink.ask(port: base.port ?? 80, "\(head)\r\n\(text)")
        for line in answer.head where line.lowercased().hasPrefix("set-cookie: gridpilot=") {
            cookie = String(line.dropFirst("set-cookie: ".count).prefix { $0 != ";" })
        }
        return try JSONText.parse(answer.body)
    }
}
