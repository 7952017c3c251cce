import Blocking
import Microscope
import RunModel
import SerialEMSimulator
import Simulator
import Synchronization
import TestSupport
import Testing

/// What `check-serialem` asks, over SerialEMs that differ.
@Suite struct SerialEMCheckTests {
    private final class Lines: Sendable {
        private let all = Mutex<[CheckLine]>([])
        func add(_ line: CheckLine) { all.withLock { $0.append(line) } }
        subscript(subject: String) -> CheckLine? { all.withLock { $0.first { $0.subject == subject } } }
        var problems: [String] { all.withLock { $0.filter { $0.state == .problem }.map(\.subject) } }
    }

    private func check(_ bench: WireBench, takesInventory: Bool = false) throws -> Lines {
        let lines = Lines()
        try bench.run { scope in
            try await scope.connect(greeting: "check")
            try await SerialEMCheck(of: scope, takesInventory: takesInventory) { lines.add($0) }.run()
            await scope.disconnect()
        }
        return lines
    }

    @Test(arguments: SerialEMKind.allCases) func `a check finds nothing wrong and moves nothing`(_ kind: SerialEMKind) throws {
        let bench = try WireBench(vendor: kind.vendor, setup: kind.setup)
        let lines = try check(bench)
        #expect(lines.problems == [])
        #expect(Set(bench.column.ledger.map(\.kind)).isSubset(of: [.connect, .command, .disconnect]))
        #expect(!bench.column.ledger.contains { $0.name == "LongOperation" })
        #expect((lines["loader"]?.state == .notAsked) == (kind == .jeol))
        #expect(lines["version"]?.sentence == "SerialEM \(kind == .thermoFisher41 ? "4.1" : "4.3") or later.")
    }

    @Test func `an inventory is taken only when it was asked for`() throws {
        let lines = try check(try WireBench(vendor: .jeol, emptySlots: [2]), takesInventory: true)
        #expect(lines["stage grid"]?.sentence == "No grid is on the stage.")
        #expect(lines["cassette"]?.sentence.contains("slot 1, slot 3") == true)
    }

    @Test func `a SerialEM that cannot tell what is on the stage says why, and what would help`() throws {
        var setup = ProgramSettings()
        setup.hasUTAPI = false
        let line = try check(try WireBench(setup: setup))["stage grid"]
        #expect(
            line?.sentence.hasPrefix("SerialEM does not reach the loader through UTAPI, so loads are remembered in SerialEM.")
                == true)
        #expect(line?.remedy?.contains("UseUtapiScripting") == true)
    }

    @Test func `what a level needs and SerialEM has not is a problem with a remedy`() throws {
        let bench = try WireBench { settings in
            settings.levels[.atlas] = LevelSettings(lowDose: false, imagingState: "no such state")
            settings.folders = [SharedFolder(here: "/nowhere/at/all", there: #"X:\sessions"#)]
        }
        let lines = try check(bench)
        #expect(lines.problems == ["imaging state no such state", #"folder X:\sessions"#])
        #expect(lines["imaging state no such state"]?.remedy != nil && lines[#"folder X:\sessions"#]?.remedy != nil)
    }

    @Test func `a folder counts as shared when each side sees what the other makes, and nothing is left behind`() throws {
        let folder = try TemporaryFolder()
        let bench = try WireBench { settings in
            settings.folders = [SharedFolder(here: folder.path(of: "elsewhere"), there: #"X:\sessions"#)]
        }
        try Files.makeDirectories(folder.path(of: "elsewhere"))
        #expect(try check(bench)[#"folder X:\sessions"#]?.state == .problem)
        #expect(try Files.names(in: folder.path(of: "elsewhere")).isEmpty)
        // The one that a simulated SerialEM tells of.
        let shared = try WireBench()
        #expect(try check(shared)[#"folder C:\GridPilot"#]?.state == .ok)
        #expect(try Files.names(in: shared.folder.path(of: "scope") + "/C/GridPilot").isEmpty)
    }
}
