import ArgumentParser
import Foundation
import Logging
import Microscope
import RunModel
import WebServer

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the server.",
        discussion: """
            The first line on standard output says where it listens. SIGTERM, Ctrl-C and a terminal that is closed end it in order
            within ten seconds, twenty where the store's disk does not answer: the step under way is finished or given up safely, and the
            microscope's lock is released. A second Ctrl-C ends it at once.

            \(Configuration.help)
            """)

    @Option(help: "A configuration file.") var config: String?
    @Option(help: "The directory of everything that is kept. (default: data)") var data: String?
    @Option(help: "HOST:PORT to listen on; port 0 takes a free one. (default: 127.0.0.1:8080)") var listen: String?
    @Option(help: "The TLS certificate, with its chain, PEM.") var tlsCert: String?
    @Option(help: "The key of the TLS certificate, PEM.") var tlsKey: String?
    @Flag(help: "Adds two simulated microscopes, a session ready to start on each, and the users staff, operator and viewer.")
    var demo = false
    @Option(
        help: ArgumentHelp(
            "With --demo: reaches the first simulated microscope through the SerialEM at this address; a second time, the second one.",
            valueName: "host:port"))
    var serialem: [String] = []
    @Option(help: "How many times as fast as a real one simulated hardware is. (default: 1, with --demo 60)") var speed: Double?
    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)") var logLevel: String?
    @Flag(help: "Begins anew where the store is missing that was used with this configuration before, or takes another one.")
    var new = false
    @Option(
        help: ArgumentHelp(
            "With --demo: keeps a part (engine or network) from everything, so many seconds after the start and for so many.",
            valueName: "part:after:for", visibility: .hidden))
    var debugStall: StallOrder?
    @Option(help: ArgumentHelp("With --demo: after how many seconds without an answer a part has stopped.", visibility: .hidden))
    var debugStallLimit: Double?
    @Flag(help: "Adds /debug/echo for conformance tests; loopback only.") var debugEcho = false

    func validate() throws {
        if let listen, ListenAddress(listen) == nil { throw ValidationError("--listen takes HOST:PORT, as in 127.0.0.1:8080.") }
        if (tlsCert == nil) != (tlsKey == nil) { throw ValidationError("--tls-cert and --tls-key go together.") }
        if serialem.contains(where: { SerialEMAddress($0) == nil }) {
            throw ValidationError("--serialem takes HOST:PORT, as in 127.0.0.1:48888.")
        }
        if !serialem.isEmpty, !demo {
            throw ValidationError("--serialem goes with --demo; other microscopes are in the configuration.")
        }
        if debugStall != nil || debugStallLimit != nil, !demo {
            throw ValidationError("--debug-stall and --debug-stall-limit go with --demo.")
        }
        if let debugStallLimit, !(debugStallLimit >= 0.1) { throw ValidationError("--debug-stall-limit takes seconds.") }
        if let speed, !(speed >= 0.1 && speed <= 100_000) { throw ValidationError("--speed takes a factor from 0.1 to 100000.") }
        if let logLevel, Logger.Level(rawValue: logLevel) == nil {
            throw ValidationError("--log-level takes \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    func run() async throws {
        // Before there is any child that could inherit them.
        let manager = ServiceManager.ofEnvironment()
        let demoPassword = Environment.take("GRIDPILOT_DEMO_PASSWORD")
        // Before the first file is made.
        SessionFiles.private.applyToNewFiles()
        // Before anything else that takes time: a signal that comes while the server starts ends it in order as well.
        let signals = Signals()
        // Before the network library looks at it.
        let descriptors = DescriptorLimit.raise()
        var settings = try settings()
        settings.descriptors = descriptors
        settings.manager = manager
        let log = LogQueue()
        defer { log.flush(within: .seconds(1)) }
        settings.demoPassword = demoPassword
        LoggingSystem.bootstrap { [level = settings.log] label in
            var handler = StreamLogHandler(label: label, stream: log)
            handler.logLevel = level
            return handler
        }
        settings.sessionFiles.applyToNewFiles()
        try await Server(settings).run(until: signals)
    }

    func settings() throws -> ServerSettings {
        let file = try config.map { path throws(CommandProblem) in try Configuration(file: path) } ?? Configuration()
        var settings = ServerSettings(
            data: DataDirectory(data ?? file.data ?? "data"), listen: try address(file),
            certificate: tlsCert.flatMap { cert in tlsKey.map { (cert, $0) } } ?? file.tls.map { ($0.certificate, $0.key) },
            web: try WebFolder.find(told: file.web), log: try level(file), zone: FacilityZone(file.timeZone),
            recipes: file.recipes, microscopes: file.microscopes, detectors: file.detectors, processing: file.processing,
            sessionFiles: file.sessionFiles, isDemo: demo,
            speed: speed ?? (demo ? 60 : 1),
            debugEcho: debugEcho)
        settings.stall = debugStall
        if let debugStallLimit { settings.stallLimit = .seconds(debugStallLimit) }
        settings.marker = config.map { StoreMarker(configuration: $0, acceptsAny: new) }
        settings.reach = try ReachSettings(file, listen: settings.listen)
        if demo {
            settings.microscopes += Demo.microscopes(behind: serialem.compactMap(SerialEMAddress.init)).filter { new in
                !file.microscopes.contains { $0.id == new.id }
            }
            settings.detectors += Demo.detectors.filter { new in !file.detectors.contains { $0.id == new.id } }
        }
        return settings
    }

    private func address(_ file: Configuration) throws(CommandProblem) -> ListenAddress {
        guard let text = listen ?? file.listen else { return .usual }
        guard let address = ListenAddress(text) else {
            throw CommandProblem("The address \(text) is not HOST:PORT.", remedy: "Write it as in 127.0.0.1:8080.")
        }
        return address
    }

    private func level(_ file: Configuration) throws(CommandProblem) -> Logger.Level {
        guard let text = logLevel ?? file.log else { return .info }
        guard let level = Logger.Level(rawValue: text) else {
            throw CommandProblem(
                "There is no log level '\(text)'.",
                remedy: "Use \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return level
    }
}
