import Foundation
import JSONText
import TestSupport

/// The built program, running `simulate-serialem` on a free port. Killed with its last holder.
final class ScopeProcess: Sendable {
    let port: Int
    let pid: Int32
    let ledger: LedgerWatch
    let directory: String
    private let exited: Exit

    /// Returns once it listens.
    init(_ folder: TemporaryFolder, speed: Int = 2000, faults: String? = nil, options: [String] = []) async throws {
        directory = folder.path(of: "scope")
        let ledgerPath = folder.path(of: "ledger.jsonl")
        var arguments =
            [
                "simulate-serialem", "--listen", "127.0.0.1:0", "--directory", directory, "--ledger", ledgerPath, "--speed",
                "\(speed)",
            ] + options
        if let faults {
            try faults.write(toFile: folder.path(of: "faults.json"), atomically: true, encoding: .utf8)
            arguments += ["--faults", folder.path(of: "faults.json")]
        }
        let (process, exited) = try Program.start(arguments)
        port = try await exited.port()
        pid = process
        self.exited = exited
        ledger = try LedgerWatch(ledgerPath)
    }

    deinit { Glibc.kill(pid, SIGKILL) }

    func end(by signal: Int32) async throws -> Int32 {
        Glibc.kill(pid, signal)
        return try await blocking { [exited] in exited.code() }
    }
}

/// The exposure ledger, as the microscope writes it.
final class LedgerWatch: Sendable {
    private let path: String
    /// Tells when the file has grown.
    private let notifier: Int32

    init(_ path: String) throws {
        self.path = path
        notifier = inotify_init1(Int32(IN_CLOEXEC))
        guard inotify_add_watch(notifier, path, UInt32(IN_MODIFY)) >= 0 else { throw LinkProblem.closed }
    }

    deinit { close(notifier) }

    func lines() throws -> [JSONValue] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        // A line that is being written has no end yet.
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return try data[...end].split(separator: UInt8(ascii: "\n")).map { try JSONText.parse(Array($0)) }
    }

    /// Returns once a line that fits is there among those after `count`; its place.
    func wait(after count: Int = 0, until fits: @escaping @Sendable (JSONValue) -> Bool) async throws -> Int {
        try await blocking { [self] in
            while true {
                let lines = try lines()
                if let place = lines.indices.dropFirst(count).first(where: { fits(lines[$0]) }) { return place }
                try waitForGrowth()
            }
        }
    }

    /// Returns once there are so many lines, or nothing comes any more because what writes them is over.
    func wait(forLines count: Int, orUntil isOver: @escaping @Sendable () -> Bool) async throws {
        try await blocking { [self] in
            while try lines().count < count, !isOver() { _ = hasGrown(within: 200) }
        }
    }

    /// A ledger that is silent for a minute fails the test.
    private func waitForGrowth() throws {
        guard hasGrown(within: 60_000) else { throw LinkProblem.silent }
    }

    private func hasGrown(within milliseconds: Int32) -> Bool {
        var wait = pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, milliseconds) == 1 else { return false }
        var events = [UInt8](repeating: 0, count: 4096)
        _ = read(notifier, &events, events.count)
        return true
    }
}
