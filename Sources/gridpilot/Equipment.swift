import Foundation
import RunModel
import Store
import Yams

/// The microscopes and detectors that a store keeps, each as the YAML it was written in.
struct Equipment {
    let microscopes: [MicroscopeEntry]
    let detectors: [DetectorEntry]

    init(_ records: [EquipmentRecord]) throws(CommandProblem) {
        var file = "microscopes:\n"
        file += Self.list(records.filter { $0.kind == .microscope })
        file += "detectors:\n" + Self.list(records.filter { $0.kind == .detector })
        // Read as a file is, so that the same rules hold.
        let whole = try Configuration(yaml: file, from: "kept in the data directory")
        microscopes = whole.microscopes
        detectors = whole.detectors
    }

    private static func list(_ records: [EquipmentRecord]) -> String {
        guard !records.isEmpty else { return "  []\n" }
        return records.map { record in
            let lines = record.yaml.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
            return "  -\n" + lines.joined(separator: "\n") + "\n"
        }.joined()
    }

    /// The microscope that a kept detector is on; nil for an entry that cannot be read.
    static func microscope(of record: EquipmentRecord) -> String? {
        // Unreadable entries are on no microscope, and can be removed by themselves.
        (try? Yams.compose(yaml: record.yaml))?["microscope"]?.string
    }

    /// What a configuration file says of microscopes and detectors, entry by entry.
    static func records(of file: String) throws(CommandProblem) -> [EquipmentRecord] {
        _ = try Configuration(file: file)
        do {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            guard let root = try Yams.compose(yaml: text) else { return [] }
            return try records(.microscope, root["microscopes"]) + records(.detector, root["detectors"])
        } catch {
            throw CommandProblem("The configuration \(file) cannot be read again.", remedy: "Try once more.")
        }
    }

    private static func records(_ kind: EquipmentRecord.Kind, _ list: Node?) throws -> [EquipmentRecord] {
        try (list?.sequence.map(Array.init) ?? []).compactMap { node in
            guard let id = node["id"]?.string else { return nil }
            return EquipmentRecord(kind: kind, id: id, yaml: try Yams.serialize(node: node))
        }
    }
}
