import Foundation
import JSONText
import RunModel
import SerialEMSimulator
import Simulator

/// What a file of faults asks for: at the column, and on the way to it.
struct SerialEMFaults {
    var column: [SimulatedFault] = []
    var link: [SerialEMFault] = []
    var program: [SerialEMFault] { link.filter(\.isOfProgram) }

    init(file: String?) throws(CommandProblem) {
        guard let file else { return }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw CommandProblem("The faults in \(file) cannot be read.", remedy: "Check its path and its rights.")
        }
        do {
            guard let items = try JSONText.parse(Array(data)).items else { throw CommandProblem("it is no list") }
            for item in items { try add(item) }
        } catch {
            let reason = (error as? any Explained)?.sentence ?? "one of them is not written as a fault is"
            throw CommandProblem(
                "The faults in \(file) cannot be used: \(reason).",
                remedy:
                    "Write a JSON list like [{\"kind\":\"loaderJam\",\"slot\":1},{\"kind\":\"hangUp\",\"command\":\"Record\"}]; "
                    + "the kinds are \(Self.kinds.joined(separator: ", ")).")
        }
    }

    private static var kinds: [String] {
        SimulatedFault.Kind.allCases.map(\.rawValue) + SerialEMFault.Kind.allCases.map(\.rawValue)
    }

    private static let linkKeys: Set<String> = ["kind", "command", "number", "moment", "seconds", "times"]
    private static let columnKeys = linkKeys.union(["slot", "at", "factor"])

    /// A key that nobody reads would be a fault that never happens, and nobody would know.
    private static func check(_ item: JSONValue, _ known: Set<String>) throws(CommandProblem) {
        guard case .object(let fields) = item, let odd = fields.keys.sorted().first(where: { !known.contains($0) }) else {
            return
        }
        throw CommandProblem(
            "a fault of the kind \(item["kind"]?.text ?? "?") has the key \(odd), which it does not know; it knows "
                + "\(known.sorted().joined(separator: ", "))")
    }

    private mutating func add(_ item: JSONValue) throws {
        if item["kind"]?.text.flatMap(SerialEMFault.Kind.init) != nil {
            try Self.check(item, Self.linkKeys)
            link.append(try JSONText.decode(SerialEMFault.self, from: item))
        } else {
            try Self.check(item, Self.columnKeys)
            column.append(try JSONText.decode(SimulatedFault.self, from: item))
        }
    }
}
