import Foundation
import Logging
import RunModel
import WebServer

/// How one server is to run: command line, configuration and defaults brought together.
struct ServerSettings {
    var data: DataDirectory
    var listen: ListenAddress
    var certificate: (file: String, key: String)?
    var web: String
    var log: Logger.Level
    var zone = FacilityZone.utc
    var recipes: String?
    var microscopes: [MicroscopeEntry]
    var detectors: [DetectorEntry]
    var processing = ProcessingEntry()
    var sessionFiles = SessionFiles.private
    /// Nil without a configuration file.
    var marker: StoreMarker?
    var isDemo: Bool
    /// Of the demo's people, where the environment gives one.
    var demoPassword: String?
    /// How many times as fast as a real one a simulated microscope is.
    var speed: Double
    var debugEcho: Bool
    /// Who started the server and wants to be told how it is.
    var manager: ServiceManager?
    /// A part that has answered nothing for so long has stopped.
    var stallLimit = Duration.seconds(30)
    var stall: StallOrder?
    var reach = ReachSettings()
    var descriptors = DescriptorLimit.current

    /// What a configuration names counts before what the store keeps under the same id.
    func with(_ kept: Equipment) throws(CommandProblem) -> ServerSettings {
        var settings = self
        settings.microscopes += kept.microscopes.filter { entry in !microscopes.contains { $0.id == entry.id } }
        settings.detectors += kept.detectors.filter { entry in !detectors.contains { $0.id == entry.id } }
        try settings.checkAddresses()
        return settings
    }

    /// Two ids of one SerialEM would be two locks, and their runs would push each other out.
    private func checkAddresses() throws(CommandProblem) {
        var known: [String: MicroscopeID] = [:]
        for entry in microscopes {
            guard case .serialEM(let settings) = entry.link else { continue }
            let address = "\(settings.address.host.lowercased()):\(settings.address.port)"
            if let other = known[address] {
                throw CommandProblem(
                    "The microscopes \(other) and \(entry.id) are behind one SerialEM, \(address).",
                    remedy:
                        "Take one of them out of the configuration, or out of the data directory with: gridpilot microscope remove."
                )
            }
            known[address] = entry.id
        }
    }
}

/// `HOST:PORT`; an IPv6 address stands in brackets.
struct ListenAddress: Equatable {
    var host: String
    var port: Int

    static let usual = ListenAddress(host: "127.0.0.1", port: 8080)

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port)
        else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: port)
    }
}

/// Where the pages are.
enum WebFolder {
    /// As told; else from `GRIDPILOT_WEB`, beside the package that the program was built in, or in the current directory.
    static func find(told: String?) throws(CommandProblem) -> String {
        let environment = ProcessInfo.processInfo.environment["GRIDPILOT_WEB"]
        if let folder = told ?? environment {
            guard hasPages(folder) else {
                throw CommandProblem(
                    "The folder \(folder) has no index.html: these are not GridPilot's pages.",
                    remedy: told == nil ? "Correct GRIDPILOT_WEB." : "Correct web in the configuration.")
            }
            return URL(fileURLWithPath: folder).standardizedFileURL.path
        }
        guard let folder = candidates.first(where: hasPages) else {
            throw CommandProblem(
                "The folder with the pages was not found.", remedy: "Start in the project's folder, or name it in GRIDPILOT_WEB.")
        }
        return folder
    }

    /// From the executable upwards (`.build/release/gridpilot`), then here.
    private static var candidates: [String] {
        var folder = URL(fileURLWithPath: ProgramFile.path).deletingLastPathComponent()
        var found: [String] = []
        for _ in 0..<5 {
            found.append(folder.appendingPathComponent("web").path)
            folder = folder.deletingLastPathComponent()
        }
        return found + [FileManager.default.currentDirectoryPath + "/web"]
    }

    private static func hasPages(_ folder: String) -> Bool { FileManager.default.fileExists(atPath: folder + "/index.html") }
}

/// This program's own file, which its workers are started from.
enum ProgramFile {
    static var path: String {
        // The kernel's own word; argv may say anything.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
