import Foundation
import Testing

@testable import Microscope

/// Held against the list that the tests in Python use.
@Suite struct SerialEMWireCommandTests {
    static let table: [[String]] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../SerialEMTests/commands.tsv")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").dropFirst().map { $0.split(separator: "\t").map(String.init) }
    }()

    @Test func `both lists have the same commands`() {
        #expect(SerialEMCommand.allCases.map(\.name) == Self.table.map { $0[1] })
    }

    @Test func `every command has its code`() {
        #expect(SerialEMCommand.allCases.map { "\($0.rawValue)" } == Self.table.map { $0[0] })
    }

    @Test func `every command has its row, with the arguments it takes`() {
        for line in Self.table {
            let command = Int32(line[0]).flatMap(SerialEMCommand.init)
            #expect(command.flatMap { SerialEMCommand.rows[$0] }?.keys == line[2].replacing("-", with: ""), "\(line[1])")
        }
        #expect(SerialEMCommand.rows.count == Self.table.count)
    }

    @Test func `needed arguments come before those that may be left out`() {
        for command in SerialEMCommand.allCases {
            #expect(command.row.keys.dropFirst(command.row.needed).allSatisfy { $0.isLowercase }, "\(command.name)")
        }
    }
}
