import ArgumentParser
import Blocking
import JSONText
import Microscope
import RunModel

struct CheckSerialEMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-serialem", abstract: "Asks a SerialEM everything that a session will ask of it, a line each.",
        discussion: """
            Moves nothing. Takes external control for a moment, so that a session or a script that is running there is pushed out: with
            --data it looks for one first and refuses. A session that holds the microscope is told of, and comes back by itself. With
            --config the microscope's folders and levels are checked as well.
            """)

    @Argument(help: "Where SerialEM runs: a name or an IPv4 address.") var host: String?
    @Argument(help: "The port that its property SocketServerPort names; 48888 where it names none.") var port: Int?
    @Option(help: "TFS or JEOL.") var vendor: Vendor?
    @Option(help: "Places in the autoloader.") var slots: Int?
    @Option(help: "The server's configuration file.") var config: String?
    @Option(help: "Which of its microscopes; where there is only one behind SerialEM, that one.") var microscope: String?
    @Option(help: "The server's data directory: a session that is running there is not pushed out.") var data: String?
    @Flag(help: "Checks although a session is running, or nobody can tell whether one is.") var force = false
    @Flag(help: "Lets a JEOL loader look at its cartridges, which moves it.") var inventory = false
    @Flag(help: "One JSON object instead of lines.") var json = false

    func validate() throws {
        guard host != nil || config != nil else { throw ValidationError("Name HOST and PORT, or a configuration with --config.") }
        guard (host == nil) == (port == nil) else { throw ValidationError("HOST and PORT go together.") }
        if let port, !(1...65535).contains(port) { throw ValidationError("A port is 1 to 65535.") }
        if let slots, !(1...12).contains(slots) { throw ValidationError("--slots takes 1 to 12.") }
    }

    /// While a session runs there that the check would push out.
    private func refuse(for subject: CheckedMicroscope, _ report: CheckReport) async throws(CommandProblem) {
        guard !force, let data else { return }
        do throws(CommandProblem) {
            try await RunningSession.refuse(in: DataDirectory(data), on: subject.knownID)
        } catch {
            report.fail("session", error)
            throw error
        }
    }

    func run() async throws {
        let subject = try CheckedMicroscope(self)
        let report = CheckReport(address: subject.settings.address, isJSON: json)
        try await refuse(for: subject, report)
        Terminal.complain("A session or a script that is running through \(subject.settings.address) is pushed out.")
        let scope = subject.scope()
        do throws(MicroscopeError) {
            let greeting = "GridPilot checks the connection to SerialEM"
            try await scope.connect(
                LinkTerms(greeting: greeting, mayEnter: { [force] in if case .held = $0 { force } else { true } }))
        } catch {
            guard case .claimed(let claim) = error else {
                report.fail("connection", error)
                throw error
            }
            // Its run has read the same by now, and gone on.
            let problem = CommandProblem(
                claim.sentence, remedy: "Wait until it has finished, or check all the same with --force.")
            report.fail("claim", problem)
            throw problem
        }
        try await SerialEMCheck(of: scope, takesInventory: inventory) { report.add($0) }.run()
        await scope.disconnect()
        report.finish()
        guard report.isFine else { throw ExitCode.failure }
    }
}

/// The microscope that is checked, as the command line and the configuration describe it.
private struct CheckedMicroscope {
    var settings: SerialEMSettings
    var description: MicroscopeDescription
    /// As the configuration has it; nil where the address is given by hand, which may be that of any.
    let knownID: MicroscopeID?

    init(_ command: CheckSerialEMCommand) throws(CommandProblem) {
        let entry = try command.config.map { file throws(CommandProblem) in try Self.entry(file, command.microscope) }
        let found = entry.flatMap { entry in
            if case .serialEM(let settings) = entry.microscope.link { (settings, entry.microscope.description) } else { nil }
        }
        let address = command.host.map { SerialEMAddress(host: $0, port: command.port ?? SerialEMAddress.usualPort) }
        knownID = address == nil ? found?.1.id : nil
        settings = found?.0 ?? SerialEMSettings(address: address ?? SerialEMAddress(host: "127.0.0.1"))
        if let address { settings.address = address }
        let frames = entry?.detectors.compactMap(SharedFolder.init) ?? []
        settings.framesFolder = frames.first
        // Each has its line, whichever detector a session will use.
        for folder in frames.dropFirst() where !settings.folders.contains(folder) { settings.folders.append(folder) }
        description = MicroscopeDescription(
            id: found?.1.id ?? "checked", name: settings.address.description,
            vendor: command.vendor ?? found?.1.vendor ?? .thermoFisher,
            voltage: found?.1.voltage ?? 300, slots: command.slots ?? found?.1.slots ?? 12)
    }

    private static func entry(
        _ file: String, _ id: String?
    ) throws(CommandProblem) -> (microscope: MicroscopeEntry, detectors: [DetectorEntry]) {
        let configuration = try Configuration(file: file)
        let behind = configuration.microscopes.filter { entry in
            if case .serialEM = entry.link { id == nil || "\(entry.id)" == id } else { false }
        }
        guard behind.count == 1, let found = behind.first else {
            throw CommandProblem(
                behind.isEmpty
                    ? "\(file) names no such microscope behind SerialEM." : "\(file) names several microscopes behind SerialEM.",
                remedy: "Say which with --microscope, as its id is in the file.")
        }
        return (found, configuration.detectors.filter { $0.microscope == found.id })
    }

    func scope() -> SerialEMMicroscope {
        let detector = DetectorDescription(
            id: "none", name: "none", microscope: description.id, width: 1024, height: 1024, pixelSize: 1)
        return SerialEMMicroscope(
            settings, description, detector, dialer: SocketDialer(), clock: ContinuousClock(), now: SystemTime.now,
            work: PixelQueue(label: "check"), files: DiskWork(disks: DiskLanes(), look: .seconds(10), copy: .seconds(10)))
    }
}

extension Vendor: ExpressibleByArgument {}
