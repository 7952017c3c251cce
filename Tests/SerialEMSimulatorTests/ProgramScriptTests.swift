import Microscope
import RunModel
import SerialEMSimulator
import Simulator
import TestSupport
import Testing

extension ProgramBench {
    /// A command of the table of scripts, by its name.
    func script(_ name: String, _ arguments: ProgramArgument...) throws -> SerialEMOutcome {
        try script(name, arguments)
    }

    func script(_ name: String, _ arguments: [ProgramArgument]) throws -> SerialEMOutcome {
        let (program, client, words) = (program, client, arguments.map(\.wire))
        let code = try #require(SimulatedSerialEM.code(of: name))
        return try executor.complete { await program.run(code, words, client: client) }
    }

    /// What it reports, which must be numbers.
    @discardableResult
    func report(_ name: String, _ arguments: ProgramArgument...) throws -> [Double] {
        try told(name, arguments).map { value in
            guard case .number(let number) = value else { throw Refused(command: name, outcome: "\(value)") }
            return number
        }
    }

    func told(_ name: String, _ arguments: ProgramArgument...) throws -> [SerialEMValue] { try told(name, arguments) }

    private func told(_ name: String, _ arguments: [ProgramArgument]) throws -> [SerialEMValue] {
        let outcome = try script(name, arguments)
        guard case .done(let values) = outcome else { throw Refused(command: name, outcome: "\(outcome)") }
        return values
    }

    func refusal(_ name: String, _ arguments: ProgramArgument...) throws -> String {
        try Self.unframed(try script(name, arguments), name)
    }
}

@Suite struct ProgramScriptTests {
    @Test func `short names do what the long ones do`() throws {
        let bench = try ProgramBench.ready(size: 32)
        for name in ["V", "F", "T", "R", "L"] { try bench.report(name) }
        let presets = bench.entries(.exposure).map(\.preset)
        #expect(presets == ["V", "F", "T", "R", "P"])
        #expect(bench.entries(.command).last?.name == "L")
        try bench.values(.openNewFile, "x.mrc")
        try bench.report("S")
        #expect(try bench.numbers(.reportFileZsize) == [1])
    }

    @Test func `a fault at a command happens at its short name as well`() throws {
        let bench = try ProgramBench(faults: [SerialEMFault(.operatorStop, command: "Record")])
        #expect(try bench.script("R") == .stopped)
    }

    @Test func `a command that is not known names itself`() throws {
        let bench = try ProgramBench()
        let text = try bench.refusal("CookSpecimen")
        #expect(text.hasPrefix("CookSpecimen is not among the commands that this simulated SerialEM knows"))
        #expect(bench.entries(.command).last?.name == "CookSpecimen")
    }

    @Test func `clocks run with the column's time`() throws {
        let bench = try ProgramBench()
        let start = try bench.report("ReportTickTime")[0]
        try bench.report("ResetClock")
        try bench.report("SetCustomTime", "focus")
        bench.sleep(90)
        #expect(abs(try bench.report("ReportClock")[0] - 90) < 0.01)
        #expect(abs(try bench.report("ElapsedTickTime", .real(start))[0] - 90) < 0.01)
        #expect((1...2).contains(try bench.report("ReportCustomInterval", "focus")[0]))
        #expect(try bench.refusal("ReportCustomInterval", "other").contains("no custom time other"))
    }

    @Test func `persistent variables outlast control and others do not`() throws {
        let bench = try ProgramBench()
        try bench.report("SetPersistentVar", "Keep", "5")
        try bench.values(.setVariable, "gone", "a")
        try bench.report("SetFloatVariable", "half", 0.5)
        #expect(try bench.report("IsVariableDefined", "keep") == [2])
        #expect(try bench.report("IsVariableDefined", "GONE") == [1])
        #expect(try bench.numbers(.getVariable, "half") == [0.5])
        bench.program.controlEnded()
        #expect(try bench.report("IsVariableDefined", "gone") == [0])
        #expect(try bench.numbers(.getVariable, "keep") == [5])
        try bench.values(.clearPersistentVars)
        #expect(try bench.report("IsVariableDefined", "keep") == [0])
    }

    @Test func `arrays hold a value a line`() throws {
        let bench = try ProgramBench()
        try bench.report("NewArray", "list", 0, 0)
        for value in ["3", "1", "2"] { try bench.report("AppendToArray", "list", .text(value)) }
        #expect(try bench.text(.getVariable, "list") == "3\n1\n2")
        #expect(try bench.report("ArrayStatistics", "list") == [3, 2, 1, 1, 3, 2])
        try bench.report("TruncateArray", "list", 1)
        #expect(try bench.numbers(.getVariable, "list") == [3])
        try bench.values(.setVariable, "braced", "{ 5 6  7}")
        #expect(try bench.text(.getVariable, "braced") == "5\n6\n7")
        #expect(try bench.refusal("ArrayStatistics", "none").contains("none is not defined"))
    }

    @Test func `texts are compared and taken apart`() throws {
        let bench = try ProgramBench()
        try bench.values(.setVariable, "name", "Grid12")
        #expect(try bench.report("CompareStrings", "name", "grid12") != [0])
        #expect(try bench.report("CompareNoCase", "name", "grid12") == [0])
        #expect(try bench.report("StripEndingDigits", "Grid12", "root") == [12])
        #expect(try bench.text(.getVariable, "root") == "Grid")
        #expect(try bench.report("FindSubstring", "name", 0, "d1") == [3])
        #expect(try bench.report("FindSubstring", "name", 5, "d1") == [-1])
    }

    @Test func `a try that was begun is ended once`() throws {
        let bench = try ProgramBench()
        try bench.report("StartTry", 1)
        try bench.report("EndTry")
        #expect(try bench.refusal("EndTry").contains("without a StartTry"))
    }

    @Test func `user settings last as long as control unless they are kept`() throws {
        let bench = try ProgramBench()
        try bench.report("SetUserSetting", "ImageShiftDelay", 3.0)
        try bench.report("SetUserSetting", "TiltIncrement", 2.0, 1)
        #expect(try bench.numbers(.reportUserSetting, "imageshiftdelay") == [3])
        bench.program.controlEnded()
        #expect(try bench.numbers(.reportUserSetting, "ImageShiftDelay") == [1])
        #expect(try bench.numbers(.reportUserSetting, "TiltIncrement") == [2])
        #expect(
            try bench.refusal("SetUserSetting", "NoSuchSetting", 1.0).contains("NoSuchSetting is not a recognized user setting"))
    }

    @Test func `as many buffers roll as the setting says`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.report("SetUserSetting", "BuffersToRollOnAcquire", 1.0)
        for _ in 0..<3 { try bench.values(.view) }
        #expect(try bench.numbers(.imageProperties, "B").count == 6)
        #expect(try bench.problem(.imageProperties, "C").contains("no image"))
    }

    @Test func `properties tell that no microscope is there`() throws {
        let bench = try ProgramBench()
        #expect(try bench.numbers(.reportProperty, "DummyInstance") == [1])
        #expect(try bench.numbers(.reportProperty, "ImageShiftLimit") == [15])
        try bench.report("SetProperty", "UseIlluminatedAreaForC2", 1.0)
        #expect(try bench.numbers(.reportProperty, "useIlluminatedAreaForC2") == [1])
        #expect(try bench.problem(.reportProperty, "NoSuchThing").contains("NoSuchThing is not a recognized property"))
    }

    @Test func `what only shows on SerialEM's screen is taken without a word`() throws {
        let bench = try ProgramBench()
        for name in ["SuppressReports", "ErrorsToLog", "ProgramTimeStamps", "SaveLog", "SaveLogOpenNew"] {
            #expect(try bench.told(name).isEmpty)
        }
        try bench.report("SetNewFileType", 0)
        try bench.report("SetStatusLine", 1, "Tilt series 3")
        try bench.report("ClearStatusLine", 0)
        #expect(try bench.refusal("SetStatusLine", 9, "x").contains("no status line of number 9"))
    }
}
