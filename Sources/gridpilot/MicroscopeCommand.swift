import ArgumentParser
import Foundation
import Microscope
import RunModel
import Store

struct MicroscopeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "microscope", abstract: "Microscopes and detectors that are kept in the data directory.",
        discussion: """
            A server knows those of its configuration file and those kept here; where both name one, the file's counts. A running server
            takes changes in when it is started again.
            """,
        subcommands: [Keep.self, List.self, Remove.self])

    struct Keep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keeps what the microscopes and detectors of a configuration file say.")
        @Argument(help: "A configuration file.") var file: String
        @OptionGroup var place: AccountPlace

        func run() async throws {
            // Before the first file is made.
            SessionFiles.private.applyToNewFiles()
            try keep()
        }

        func keep() throws {
            let records = try Equipment.records(of: file)
            guard !records.isEmpty else {
                throw CommandProblem(
                    "\(file) names no microscope and no detector.", remedy: "Write them under microscopes and detectors.")
            }
            // It is the server's configuration as a rule, and says where the data are.
            var place = place
            if place.data == nil, place.config == nil, try Configuration(file: file).data != nil { place.config = file }
            let store = try place.store(creates: true)
            // Together with what is kept already they must make sense.
            let others = try store.equipment().filter { kept in !records.contains { $0.id == kept.id } }
            _ = try Equipment(records + others)
            try store.keep(records, by: .terminal, at: SystemTime.now())
            for record in records { Terminal.say("Kept the \(record.kind.rawValue) \(record.id).") }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists what is kept.")
        @OptionGroup var place: AccountPlace

        func run() async throws {
            for record in try place.openStore().equipment() {
                Terminal.say("# \(record.kind.rawValue)\n\(record.yaml.trimmingCharacters(in: .newlines))")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes a microscope with its detectors, or a detector.",
            discussion: "Sessions that were made for it stay, and cannot be started any more.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var place: AccountPlace

        func run() async throws {
            let store = try place.openStore()
            let kept = try store.equipment()
            // A microscope takes its detectors along; one that would be left without any keeps its last.
            let detectors = kept.filter { $0.kind == .detector && Equipment.microscope(of: $0) == id }.map(\.id)
            _ = try Equipment(kept.filter { !([id] + detectors).contains($0.id) })
            guard try store.removeEquipment([id] + detectors, by: .terminal, at: SystemTime.now()) else {
                throw CommandProblem("No microscope or detector \(id) is kept here.", remedy: "See gridpilot microscope list.")
            }
            Terminal.say("Removed \(([id] + detectors).joined(separator: ", ")).")
        }
    }
}
