import Blocking
import RunModel
import SerialEMSimulator
import Simulator
import Synchronization
import TestSupport
import Testing

@testable import Microscope

/// What `check-serialem` asks, over SerialEMs that differ.
@Suite struct SerialEMCheckTests {
    private final class Lines: Sendable {
        private let all = Mutex<[CheckLine]>([])
        func add(_ line: CheckLine) { all.withLock { $0.append(line) } }
        subscript(subject: String) -> CheckLine? { all.withLock { $0.first { $0.subject == subject } } }
        var subjects: [String] { all.withLock { $0.map(\.subject) } }
        var states: [CheckLine.State] { all.withLock { $0.map(\.state) } }
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
        for subject in ["stage grid", "cassette"] { #expect((lines[subject]?.state == .notAsked) == (kind == .jeol)) }
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

    @Test func `a folder is left as it was where the link ends in the middle of it`() throws {
        let bench = try WireBench(link: [SerialEMFault(.hangUp, command: "DoesFileExist", number: 2)])
        #expect(try check(bench)["folders"]?.state == .problem)
        #expect(try Files.names(in: bench.folder.path(of: "scope") + "/C/GridPilot").isEmpty)
    }

    @Test func `a question that is not answered has its line, and so has each that could not be asked then`() throws {
        let all = try check(try WireBench()).subjects
        let lines = try check(try WireBench(link: [SerialEMFault(.halfOpen, command: "ReportStageXYZ")]))
        #expect(lines["stage"]?.state == .problem)
        #expect(lines["stage"]?.sentence == "The microscope did not answer ReportStageXYZ within 20 s.")
        #expect(lines["stage"]?.remedy?.contains("waiting for a click") == true)
        #expect(lines.subjects.dropLast() == all.dropLast() && lines.subjects.last == "folders")
        #expect(lines.states == [.ok, .ok, .ok, .problem] + Array(repeating: .notAsked, count: all.count - 4))
        #expect(lines["Record"]?.sentence == "The connection ended at the question about stage.")
        #expect(lines["Record"]?.remedy != nil)
    }

    @Test func `a link that ended before the first question is said to have`() {
        let question = CheckQuestion("stage") { () throws(MicroscopeError) in CheckLine("stage", .ok, "") }
        #expect(question.unasked(since: nil).sentence == "The connection ended before the first question.")
    }

    @Test func `pixel sizes are told in low dose alone`() throws {
        let areas = ["Search", "View", "Focus", "Record"]
        let off = try check(try WireBench())
        for area in areas { #expect(off[area]?.state == .notAsked && off[area]?.remedy?.contains("low dose") == true) }
        let bench = try WireBench()
        try bench.run { scope in
            try await scope.connect(greeting: "operator")
            _ = try await scope.call(.setLowDoseMode, .integer(1))
        }
        let on = try check(bench)
        for area in areas { #expect(on[area]?.state == .ok && on[area]?.sentence.hasPrefix("Its pixels are") == true) }
        #expect(on["Search"]?.sentence != on["Record"]?.sentence)
    }

    @Test func `what another connection loaded is told as remembered`() throws {
        let bench = try WireBench(setup: SerialEMKind.thermoFisher41.setup)
        try bench.run { scope in
            try await scope.connect(greeting: "a session")
            try await scope.load(slot: 3)
        }
        let lines = try check(bench)
        #expect(lines["stage grid"]?.state == .ok)
        #expect(
            lines["stage grid"]?.sentence.hasSuffix("By that, the grid of slot 3 is on the stage; a new session asks.") == true)
        #expect(lines["cassette"]?.sentence.contains("Unclear: slot 3.") == true)
    }

    @Test func `a JEOL column that is taken for another maker's is recognised`() throws {
        let bench = try WireBench(vendor: .jeol, asks: .thermoFisher)
        let lines = try check(bench)
        for subject in ["column", "stage grid", "cassette"] {
            #expect(lines[subject]?.state == .problem)
            #expect(lines[subject]?.remedy == "Where this is a column of JEOL's, check with --vendor JEOL.")
        }
    }

    @Test func `frames whose folder no configuration names are no problem`() throws {
        let bench = try WireBench(size: 128) { settings in settings.folders = [] }
        try bench.run { scope in
            try await scope.connect(greeting: "a script")
            try await scope.load(slot: 1)
            _ = try await scope.call(.setFolderForFrames, .text("X:\\frames"))
            _ = try await scope.call(.setDoseFracParams, .text("R"), .integer(1), .integer(1))
            _ = try await scope.call(.setColumnOrGunValve, .integer(1))
            _ = try await scope.call(.record)
        }
        let line = try check(bench)["frames"]
        #expect(line?.state == .notAsked)
        #expect(line?.sentence.hasSuffix("Where that is from here, nobody has said.") == true)
    }

    @Test func `slots that the loader has not looked into are not called held`() throws {
        var setup = SerialEMKind.thermoFisher41.setup
        setup.knowsSlots = false
        let line = try check(WireBench(setup: setup))["cassette"]
        #expect(line?.state == .notAsked)
        #expect(line?.sentence.hasPrefix("The loader has not looked into slot 1, slot 2,") == true)
    }

    @Test func `slots that read empty while nobody knows what is on the stage are named as unclear`() throws {
        let bench = try WireBench(emptySlots: [2], setup: SerialEMKind.thermoFisher41.setup)
        bench.column.change { $0.putOnStage(3) }
        let line = try check(bench)["cassette"]
        #expect(
            line?.sentence.hasSuffix(
                "slot 12. Unclear: slot 2, slot 3. What is on the stage has left a slot that reads empty.")
                == true)
        #expect(line?.sentence.hasPrefix("It holds grids: slot 1, slot 4,") == true)
        #expect(line?.remedy?.contains("asks a person") == true)
    }

    @Test(arguments: [(FrameKind.mrc, "MRC"), (.tiff, "TIFF"), (.eer, "EER")])
    func `the folder and the format of frames are told`(_ kind: FrameKind, _ name: String) throws {
        let bench = try WireBench(size: 128, frames: kind)
        try expose(bench)
        let lines = try check(bench)
        let here = bench.folder.path(of: "scope") + "/C/GridPilot"
        #expect(
            lines["frame folder"]?.sentence
                == #"A session has its frames saved into C:\GridPilot, here \#(here), and SerialEM sees C:\GridPilot."#)
        #expect(lines["frames"]?.sentence.hasPrefix(#"The last ones went to C:\GridPilot\last."#) == true)
        #expect(lines["frames"]?.sentence.contains("by SerialEM's count, here \(here)/last.") == true)
        #expect(lines["frame format"]?.sentence == "The last frames were saved as \(name).")
    }

    @Test func `without frames their folder is told and the rest is not asked`() throws {
        let lines = try check(try WireBench())
        #expect(lines["frame folder"]?.state == .ok)
        for subject in ["frames", "frame format"] {
            #expect(lines[subject]?.state == .notAsked && lines[subject]?.remedy?.contains("Record image") == true)
        }
    }

    @Test func `frames that lie where no shared folder leads are a problem in words too`() throws {
        let folder = try TemporaryFolder()
        let bench = try WireBench(size: 128) { $0.folders = [SharedFolder(here: folder.path, there: #"X:\sessions"#)] }
        try expose(bench)
        let line = try check(bench)["frames"]
        #expect(line?.state == .problem)
        #expect(line?.sentence.hasSuffix("and no shared folder leads there from here.") == true)
    }

    @Test func `frames that are not where they were saved, or that nobody counted, are not called well`() throws {
        let bench = try WireBench(size: 128)
        try expose(bench)
        let folder = bench.folder.path(of: "scope") + "/C/GridPilot"
        for name in try Files.names(in: folder) { try Files.move("\(folder)/\(name)", to: bench.folder.path(of: name)) }
        let taken = try check(bench)["frames"]
        #expect(taken?.state == .notAsked && taken?.remedy?.contains("Record image") == true)
        #expect(taken?.sentence.contains("are not at \(folder)/last.") == true)
        let uncounted = SerialEMCheck.uncounted(0, #"C:\GridPilot\last.mrc"#)
        #expect(uncounted?.state == .notAsked && uncounted?.sentence.contains("counts none in its last exposure") == true)
        #expect(SerialEMCheck.uncounted(1, #"C:\GridPilot\last.mrc"#) == nil)
    }

    @Test func `a folder for frames that SerialEM does not see is not called well`() throws {
        let bench = try WireBench { $0.folders = [SharedFolder(here: "/nowhere/at/all", there: #"X:\"#)] }
        let line = try check(bench)["frame folder"]
        #expect(line?.state == .notAsked && line?.sentence.contains(#"does not see X:\"#) == true && line?.remedy != nil)
    }

    /// As somebody at the microscope would.
    private func expose(_ bench: WireBench) throws {
        try bench.run { scope in
            try await scope.connect(greeting: "operator")
            try await scope.load(slot: 1)
            try await scope.setValves(open: true)
            _ = try await scope.call(.setDoseFracParams, .text("R"), .integer(1), .integer(1))
            _ = try await scope.call(.setFolderForFrames, .text(#"C:\GridPilot"#))
            _ = try await scope.call(.setFrameBaseName, .integer(1), .integer(1), .integer(0), .text("last"))
            _ = try await scope.call(.record)
        }
    }

    @Test func `a SerialEM that tells no time of its images is said not to`() {
        let line = SerialEMCheck.metadata([])
        #expect(line.state == .ok && line.sentence.contains("does not tell") && line.remedy != nil)
        #expect(SerialEMCheck.metadata([.number(1)]).state == .ok)
    }

    @Test func `loads that nothing keeps are a problem in words too`() throws {
        let refusal = SerialEMFault(.messageBox, command: "SetPersistentVar", times: 100)
        let line = try check(try WireBench(link: [refusal], setup: SerialEMKind.thermoFisher41.setup))["stage grid"]
        #expect(line?.state == .problem && line?.sentence.contains("loads are forgotten when GridPilot ends") == true)
    }

    @Test func `an older SerialEM tells which way its image shifts go`() throws {
        var setup = ProgramSettings()
        setup.reportsShiftOnStage = false
        let line = try check(try WireBench(setup: setup))["image shift"]
        #expect(line?.sentence.contains("along the specimen's axes") == true && line?.remedy != nil)
        #expect(try check(try WireBench())["image shift"]?.sentence == "It is x 0.00, y 0.00 µm along the stage's axes.")
    }

    @Test func `a stage that is not calibrated is said to be, although SerialEM reports a shift along its axes`() throws {
        var setup = ProgramSettings()
        setup.hasStageCalibration = false
        let line = try check(try WireBench(setup: setup))["image shift"]
        #expect(line?.sentence.hasPrefix("Shifts go along the specimen's axes: the stage is not calibrated") == true)
        #expect(line?.remedy?.contains("Stage Shift") == true)
    }
}
