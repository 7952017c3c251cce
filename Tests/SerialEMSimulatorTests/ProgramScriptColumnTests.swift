import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

@testable import SerialEMSimulator

@Suite struct ProgramScriptColumnTests {
    @Test func `the beam is shifted and told`() throws {
        let bench = try ProgramBench()
        try bench.report("SetBeamShift", 0.5, -0.25)
        try bench.report("MoveBeamByMicrons", 0.5, 0.25)
        #expect(try bench.report("ReportBeamShift") == [1, 0])
        try bench.report("SetProbeMode", "nano")
        #expect(try bench.report("ReportProbeMode") == [0])
        #expect(try bench.refusal("SetProbeMode", "pico").contains("nano or micro"))
        try bench.report("SetIlluminatedArea", 0.016)
        #expect(abs(try bench.report("ReportIlluminatedArea")[0] - 0.016) < 1e-9)
        #expect(try bench.refusal("CenterBeamFromImage").contains("no image"))
        try bench.report("SetTiltAxisOffset", 2.5)
        #expect(try bench.report("ReportTiltAxisOffset")[0] == 2.5)
    }

    @Test func `focus is saved, restored and set to what eucentric height needs`() throws {
        let bench = try ProgramBench()
        try bench.values(.setDefocus, -3.0)
        try bench.report("SaveFocus")
        try bench.report("SetEucentricFocus")
        #expect(try bench.numbers(.reportDefocus) == [0])
        #expect(try bench.refusal("SaveFocus").contains("second SaveFocus"))
        try bench.report("RestoreFocus")
        #expect(try bench.numbers(.reportDefocus) == [-3])
        #expect(try bench.refusal("RestoreFocus").contains("without a SaveFocus"))
        try bench.report("ResetDefocus")
        #expect(try bench.numbers(.reportDefocus) == [0])
        try bench.values(.setDefocus, -1.0)
        let focus = try bench.report("ReportAbsoluteFocus")[0]
        try bench.report("SetAbsoluteFocus", .real(focus + 0.002))
        #expect(abs(try bench.numbers(.reportDefocus)[0] - 1) < 1e-9)
        try bench.report("IncTargetDefocus", -0.5)
        #expect(try bench.numbers(.reportTargetDefocus) == [-1.5])
    }

    @Test func `drift is known once autofocus has seen it`() throws {
        let bench = try ProgramBench.ready(size: 32)
        #expect(try bench.refusal("ReportFocusDrift").contains("No drift available"))
        try bench.report("G")
        let drift = try bench.report("ReportFocusDrift")
        #expect(drift.count == 2 && drift.contains { $0 != 0 } && drift.allSatisfy { abs($0) < 5 })
    }

    @Test func `autofocus changes nothing beyond the limits of the script, once`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.values(.setTargetDefocus, -30.0)
        let before = try bench.numbers(.reportDefocus)
        try bench.report("FocusChangeLimits", -2.0, 2.0)
        try bench.report("G")
        #expect(try bench.numbers(.reportDefocus) == before)
        #expect(try bench.numbers(.reportAutoFocus)[1] != 0)
        try bench.report("G")
        #expect(try bench.numbers(.reportDefocus) != before)
        #expect(try bench.numbers(.reportAutoFocus)[1] == 0)
        #expect(try bench.refusal("FocusChangeLimits", 2.0, -2.0).contains("below the upper"))
    }

    @Test func `rings tell the defocus`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.report("R")
        let truth = try #require(bench.column.trueDefocus).micrometres
        #expect(abs(try bench.report("CtfFind", "A", -1.0, -5.0)[0] - truth) < 0.05)
        #expect(try bench.refusal("CtfFind", "A", 1.0, 5.0).contains("must be negative"))
        try bench.values(.setMagIndex, 5)
        try bench.report("R")
        #expect(try bench.refusal("CtfFind", "A", -1.0, -5.0).contains("too large"))
    }

    @Test func `low dose areas go back to what they were`() throws {
        let bench = try ProgramBench()
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.goToLowDoseArea, "View")
        try bench.values(.setSpotSize, 3)
        try bench.report("SetLDDefocusOffset", "V", -80.0)
        #expect(try bench.report("ReportLDDefocusOffset", "V") == [-80])
        try bench.report("RestoreLowDoseParams", "V")
        #expect(try bench.report("ReportLDDefocusOffset", "V") == [0])
        try bench.values(.goToLowDoseArea, "View")
        #expect(try bench.numbers(.reportSpotSize) == [7])
        #expect(try bench.report("AlreadyInLowDoseArea", "V") == [1])
        #expect(try bench.refusal("ReportLDDefocusOffset", "R").contains("Only the View and the Search"))
    }

    @Test func `the stage tilts on by the user's increment`() throws {
        let bench = try ProgramBench()
        try bench.report("TiltUp")
        try bench.report("U")
        #expect(try bench.numbers(.reportTiltAngle) == [6])
        try bench.report("SetUserSetting", "TiltIncrement", 2.0)
        try bench.report("D")
        #expect(try bench.numbers(.reportTiltAngle) == [4])
    }

    @Test func `what is no number does not move the stage`() throws {
        let bench = try ProgramBench()
        for value in [Double.nan, .infinity] {
            let outcome = try bench.run(.moveStageTo, [SerialEMArgument(number: value, text: "\(value)"), .real(0)])
            guard case .failed(let text?) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(text.contains("\(value) is not a number"))
        }
        #expect(try bench.numbers(.reportStageXYZ) == [0, 0, 0])
    }

    @Test(arguments: [
        (ProgramSettings.Boxes.yes, [1.0], 1.0, "simulated"), (.no, [0], 2, ""),
    ]) func `boxes are answered as the program was told`(
        _ boxes: ProgramSettings.Boxes, _ yes: [Double], _ choice: Double, _ text: String
    )
        throws
    {
        var setup = ProgramSettings()
        setup.boxes = boxes
        let bench = try ProgramBench(setup: setup)
        #expect(try bench.numbers(.yesNoBox, "Go on?") == yes)
        #expect(try bench.values(.oKBox, "Look").isEmpty)
        #expect(try bench.report("EnterDefaultedNumber", 2.5, 1, "How many?") == [2.5])
        #expect(try bench.told("EnterString", "name", "Which?") == [.text(text)])
        #expect(try bench.report("ThreeChoiceBox", "a", "b", "c", "Which?") == [choice])
        #expect(try bench.report("KeyBreak") == yes)
        #expect(try bench.report("KeyBreak", "v") == [0])
        if boxes == .no { #expect(try bench.problem(.pause, "x").contains("stopped at a pause")) }
    }

    @Test func `nobody answers boxes unless the program was told`() throws {
        let bench = try ProgramBench()
        #expect(try bench.problem(.yesNoBox, "Go on?").contains("Nobody is there"))
        #expect(try bench.refusal("EnterString", "a", "b").contains("Nobody is there"))
        #expect(try bench.refusal("UserSetDirectory").contains("Nobody is there"))
    }

    @Test func `JEOL's own program exchanges cartridges`() throws {
        var settings = ColumnSettings()
        settings.loader = .jeol
        let bench = try ProgramBench(settings: settings)
        let shell = #"C:\Program Data\SerialEM\PyTool\Transfer_Cartridge.bat "#
        #expect(try bench.numbers(.runInShell, .text(shell + #""2 3 0""#)) == [0])
        #expect(bench.entries(.load).count == 1)
        #expect(bench.column.change { $0.loaded } == 2)
        #expect(try bench.problem(.runInShell, .text(shell)).contains("not told which cartridge"))
        #expect(try bench.problem(.runInShell, "format c:").contains("cannot be run from here"))
        #expect(try bench.report("FindCartridgeWithID", 102) == [2])
        let other = try ProgramBench()
        #expect(try other.problem(.runInShell, .text(shell + #""2 3 0""#)).contains("cannot be run from here"))
    }
}
