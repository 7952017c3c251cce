import Accounts
import ArgumentParser
import Engine
import Foundation
import RunAPI
import RunModel
import Store
import WebServer

struct PushBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "A state change on its way to open pages, over real sockets; the memory of idle pages.")
    @Option(help: "Open pages.") var pages = 50
    @Option(help: "State changes.") var changes = 200
    @Option(help: "Idle pages for the memory.") var idle = 500

    func run() async throws {
        let folder = try Scratch.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }  // A leftover in /tmp does no harm.
        let server = try await PushServer(folder)
        let watching = try PageSet(port: server.port, token: server.token, count: pages, topic: "session/bench")
        var spread = Spread()
        var slowest = Spread()
        for number in 1...changes {
            let command = "bench-\(number)."
            let begun = ContinuousClock.now
            try await server.change(number, command: command)
            let arrivals = try watching.waitForAll(text: command).map { ($0 - begun).milliseconds }
            for arrival in arrivals { spread.add(arrival) }
            slowest.add(arrivals.max() ?? 0)
        }
        Report.line("A change on one of \(pages) pages, median", spread.median, "ms")
        Report.line("… 99th percentile", spread.percentile(0.99), "ms", promised: 20)
        Report.line("… on the last of them, median", slowest.median, "ms")
        let before = Memory.resident()?.now ?? 0
        let sleeping = try PageSet(port: server.port, token: server.token, count: idle, topic: "facility")
        let after = Memory.resident()?.now ?? 0
        Report.line("An idle page", Double(after - before) / Double(idle), "kB", promised: 8)
        withExtendedLifetime((watching, sleeping)) {}
        await server.stop()
    }
}

/// The server's parts in this process, so that what a page costs can be read from this process's memory.
private struct PushServer {
    let engine: Engine
    let web: WebServer
    let port: Int
    let token: String
    private let running: Task<Void, any Error>
    private let feeding: Task<Void, Never>

    init(_ folder: String) async throws {
        let bench = try BenchEngine(folder)
        engine = bench.engine
        running = Task { [engine = bench.engine] in try await engine.run() }
        try await engine.create(bench.session(grids: 1, squares: 1, holes: 1))
        let accounts = try Accounts(store: bench.store, now: Moments.now)
        let author = AuditAuthor(person: "bench", role: "terminal", address: "command line")
        try await accounts.add(NewPerson(username: "bench", password: "a bench password", staff: true), by: author)
        token = try await accounts.addToken(named: "bench", for: "bench", by: author)
        let api = RunAPI(
            engine: engine, accounts: accounts,
            facility: Facility(microscopes: [BenchEngine.microscope], detectors: [BenchEngine.detector]),
            configuration: RunAPI.Configuration(dataDirectory: folder, webRoot: folder))
        feeding = Task { await api.run() }
        var configuration = WebServer.Configuration()
        configuration.port = 0
        configuration.webSockets = [RunAPI.pushPath: RunAPI.subprotocol]
        configuration.limits.connections = 4096
        configuration.limits.connectionsPerAddress = 4096
        web = WebServer(configuration: configuration, application: api)
        port = try await web.start().port
    }

    func change(_ number: Int, command: String) async throws {
        try await engine.setPauseBetweenGrids(
            number.isMultiple(of: 2), "bench", by: "bench", command: CommandID(unchecked: command))
    }

    func stop() async {
        await engine.shutDown(within: .seconds(1))
        await web.stop()
        feeding.cancel()
        running.cancel()
    }
}
