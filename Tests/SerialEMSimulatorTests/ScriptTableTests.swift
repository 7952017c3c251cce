import Foundation
import Microscope
import Testing

@testable import SerialEMSimulator

/// Held against the list that the tests in Python use.
@Suite struct ScriptTableTests {
    static let table: [[String]] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../SerialEMTests/script_commands.tsv")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").dropFirst().map { $0.split(separator: "\t").map(String.init) }
    }()

    @Test func `both lists have the same commands with the same codes and arguments`() {
        let rows = SimulatedSerialEM.scriptRows.sorted { $0.code < $1.code }
        #expect(rows.map(\.name) == Self.table.map { $0[1] })
        #expect(rows.map { "\($0.code)" } == Self.table.map { $0[0] })
        #expect(rows.map(\.keys) == Self.table.map { $0[2].replacing("-", with: "") })
    }

    @Test func `the client's commands have the places that the list of names gives them`() {
        for command in SerialEMCommand.allCases { #expect(SerialEMNames.name(at: command.rawValue) == command.name) }
    }

    @Test func `no command stands in both tables`() {
        #expect(SimulatedSerialEM.scriptRows.filter { SerialEMCommand(rawValue: $0.code) != nil }.map(\.name) == [])
        #expect(Set(SimulatedSerialEM.scriptRows.map(\.code)).count == SimulatedSerialEM.scriptRows.count)
    }

    @Test func `needed arguments come before those that may be left out`() {
        for row in SimulatedSerialEM.scriptRows {
            #expect(row.keys.dropFirst(row.needed).allSatisfy { $0.isLowercase }, "\(row.name)")
        }
    }

    @Test func `commands of later versions say so`() {
        let since = Dictionary(uniqueKeysWithValues: SimulatedSerialEM.scriptRows.map { ($0.name, $0.since) })
        #expect(since["V"] == .some(nil) && since["SetNextLogOutputStyle"] == 40_200)
    }
}
