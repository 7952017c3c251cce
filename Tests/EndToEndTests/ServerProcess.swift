import Foundation
import JSONText
import TestSupport

/// The built program, running `serve --demo` on a free port. Killed with its last holder.
final class ServerProcess: Sendable {
    static let password = "a password for tests"
    let data: String
    let port: Int
    let pid: Int32
    /// Set before the process starts, waited on by whoever wants to know how it ended.
    private let exited: Exit

    /// Returns once it listens. `scope`: the SerialEM that the first microscope is behind. `config`: a configuration file. `share`: a disk
    /// that the test can silence.
    init(
        data: String, speed: Int = 5000, scope: ScopeProcess? = nil, config: String? = nil, share: HangingShare? = nil
    ) async throws {
        let (process, exited) = try Program.start(
            ["serve", "--demo", "--data", data, "--listen", "127.0.0.1:0", "--speed", "\(speed)", "--log-level", "warning"]
                + (scope.map { ["--serialem", "127.0.0.1:\($0.port)"] } ?? [])
                + (config.map { ["--config", $0] } ?? []), share: share)
        let port = try await exited.port()
        self.data = data
        self.port = port
        self.exited = exited
        pid = process
    }

    deinit { Glibc.kill(pid, SIGKILL) }

    /// Sends a signal and waits for the end: the exit code, or minus the signal that ended it.
    func end(by signal: Int32) async throws -> Int32 {
        Glibc.kill(pid, signal)
        // A test whose time is up waits for no server that does not end.
        return try await withTaskCancellationHandler {
            try await blocking { [exited] in exited.code() }
        } onCancel: {
            Glibc.kill(pid, SIGKILL)
        }
    }

    func lockFile(_ microscope: String = "demo-scope") -> String { "\(data)/locks/\(microscope).lock" }
    var hasLockFile: Bool { FileManager.default.fileExists(atPath: lockFile()) }
}

/// How a program ended and what it said.
final class Exit: @unchecked Sendable {
    // Only its own blocking calls are made, which Foundation allows from any thread.
    private let process: Process
    private let output = Pipe()
    private let complaints = Pipe()

    fileprivate init(_ process: Process) {
        self.process = process
        process.standardOutput = output
        process.standardError = complaints
    }

    func firstLine() throws -> String {
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        throw Program.Problem.unexpected(try said())
    }

    /// The port that its first line tells.
    func port() async throws -> Int {
        let line = try await blocking { [self] in try firstLine() }
        guard let port = line.split(separator: ":").last.flatMap({ Int($0.prefix { $0.isNumber }) }) else {
            throw Program.Problem.unexpected(line)
        }
        return port
    }

    func code() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// What it wrote on standard error, all of it.
    func said() throws -> String { String(decoding: try complaints.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self) }
}

enum Program {
    enum Problem: Error { case notBuilt, unexpected(String) }

    static func start(_ arguments: [String], share: HangingShare? = nil) throws -> (pid: Int32, exit: Exit) {
        let process = Process()
        let command = try share?.command(file().path) ?? [file().path]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = command.dropFirst() + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["GRIDPILOT_DEMO_PASSWORD"] = ServerProcess.password
        environment["GRIDPILOT_WEB"] = environment["GRIDPILOT_WEB"] ?? sources.appendingPathComponent("web").path
        process.environment = environment
        let exit = Exit(process)
        try process.run()
        return (process.processIdentifier, exit)
    }

    /// Runs it to its end.
    static func run(_ arguments: [String]) async throws -> (code: Int32, complaint: String) {
        let (_, exit) = try start(arguments)
        // Read to its end first: a program with much to say would wait for a reader.
        return try await blocking {
            let complaint = try exit.said()
            return (exit.code(), complaint)
        }
    }

    /// The project's folder, above `Tests/EndToEndTests`.
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// As `GRIDPILOT_BINARY` says, or beside the tests in the build folder.
    static func file() throws -> URL {
        if let told = ProcessInfo.processInfo.environment["GRIDPILOT_BINARY"] { return URL(fileURLWithPath: told) }
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folders = [URL(fileURLWithPath: tests), URL(fileURLWithPath: CommandLine.arguments[0])].map {
            $0.deletingLastPathComponent()
        }
        let found = folders.map { $0.appendingPathComponent("gridpilot") }.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
        guard let found else { throw Problem.notBuilt }
        return found
    }
}
