import Foundation
import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

@testable import SerialEMSimulator

@Suite struct ProgramNavigatorTests {
    @Test func `the Navigator is open when the program starts unless it is told otherwise`() throws {
        #expect(try ProgramBench().numbers(.reportIfNavOpen) == [2])
        var setup = ProgramSettings()
        setup.isNavigatorOpen = false
        let bench = try ProgramBench(setup: setup)
        #expect(try bench.numbers(.reportIfNavOpen) == [0])
        #expect(try bench.refusal("ReportNavItem").contains("Navigator must be open"))
        try bench.values(.openNavigator, #"C:\SerialEM\mine.nav"#)
        #expect(
            try bench.told("ReportNavFile", 1) == [
                .text(#"C:\SerialEM\mine.nav"#), .text("mine"), .text(".nav"), .text(#"C:\SerialEM"#),
            ])
        #expect(try bench.problem(.openNavigator, "other.nav").contains("must not be open"))
    }

    @Test func `points are added, changed and deleted`() throws {
        let bench = try ProgramBench()
        let group = try bench.report("GetUniqueNavID")[0]
        #expect(try bench.report("AddStagePosAsNavPoint", 10.0, -20.0, 3.0, .integer(Int(group))) == [1])
        #expect(try bench.report("AddStagePosAsNavPoint", 30.0, 40.0, 5.0, .integer(Int(group))) == [2])
        try bench.report("ChangeItemLabel", 1, "4-A")
        try bench.report("ChangeItemNote", 1, "target one")
        try bench.report("ChangeItemColor", 1, 3)
        try bench.report("SetItemAcquire", 2)
        #expect(try bench.report("ReportOtherItem", 1) == [1, 10, -20, 3, 0])
        #expect(try bench.text(.getVariable, "navNote") == "target one")
        #expect(try bench.text(.getVariable, "navLabel") == "4-A")
        #expect(try bench.numbers(.getVariable, "navIntLabel") == [4])
        #expect(try bench.numbers(.getVariable, "navColor") == [3])
        #expect(try bench.report("ReportOtherItem", -1) == [2, 30, 40, 5, 0])
        #expect(try bench.report("NavIndexWithNote", "target one") == [1])
        #expect(try bench.report("NavIndexWithLabel", "none") == [0])
        #expect(try bench.report("ReportNumNavAcquire") == [1, 0])
        #expect(try bench.report("ReportGroupStatus") == [-1, group, 2, 1])
        try bench.report("DeleteNavigatorItem", 1)
        #expect(try bench.report("ReportNumTableItems") == [1])
        #expect(try bench.refusal("ReportOtherItem", 2).contains("out of range"))
        #expect(try bench.refusal("ChangeItemColor", 1, 9).contains("between 0 and 5"))
        #expect(try bench.refusal("ChangeItemLabel", 1, "a label that is too long").contains("no more than 16"))
    }

    @Test func `heights follow the stage, of one item or its group`() throws {
        let bench = try ProgramBench()
        for x in [1.0, 2, 3] { try bench.report("AddStagePosAsNavPoint", .real(x), 0.0, 0.0, x < 3 ? 77 : 0) }
        try bench.values(.moveStage, 0.0, 0.0, 12.5)
        try bench.report("SetSelectedNavItem", 1)
        try bench.report("UpdateGroupZ")
        #expect(try (1...3).map { try bench.report("ReportOtherItem", .integer($0))[3] } == [12.5, 12.5, 0])
        try bench.report("SetSelectedNavItem", 3)
        try bench.report("UpdateItemZ")
        #expect(try bench.report("ReportNavItem") == [3, 3, 0, 12.5, 0])
        #expect(try bench.refusal("UpdateGroupZ").contains("not in a group"))
    }

    @Test func `items of a registration are shifted together`() throws {
        let bench = try ProgramBench()
        try bench.report("AddStagePosAsNavPoint", 1.0, 1.0, 0.0)
        try bench.report("SetNavRegistration", 2)
        try bench.report("AddStagePosAsNavPoint", 1.0, 1.0, 0.0)
        try bench.report("ShiftItemsByMicrons", 5.0, -2.0)
        #expect(try bench.report("ReportOtherItem", 1)[1] == 1)
        #expect(try bench.report("ReportOtherItem", 2).prefix(3) == [2, 6, -1])
        try bench.values(.moveStageTo, 8.0, -1.0)
        try bench.report("ShiftItemsByCurrentDiff", 1.0)
        #expect(try bench.report("ReportNavItem")[1] == 6)
        try bench.report("ShiftItemsByCurrentDiff", 3.0)
        #expect(try bench.report("ReportNavItem")[1] == 8)
        #expect(try bench.refusal("ShiftItemsByMicrons", 500.0, 0.0).contains("more than 100"))
    }

    @Test func `a place in an image becomes a point where it lies`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.moveStageTo, 100.0, 50.0)
        try bench.values(.view)
        let m = try bench.numbers(.bufImageToStageMatrix, "A", 0)
        try bench.report("AddImagePosAsNavPoint", "A", 10.0, 20.0)
        let item = try bench.report("ReportNavItem")
        #expect(abs(item[1] - (m[0] * 10 + m[1] * 20 + m[4])) < 1e-9 && abs(item[2] - (m[2] * 10 + m[3] * 20 + m[5])) < 1e-9)
        let back = try bench.report("ReportItemImageCoords", 1, "A")
        #expect(abs(back[0] - 10) < 1e-6 && abs(back[1] - 20) < 1e-6 && back[2] == 1)
        let pixel = try bench.report("StagePosToBufImagePos", "A", 0, .real(item[1]), .real(item[2]))
        #expect(abs(pixel[0] - 10) < 1e-6 && abs(pixel[1] - 20) < 1e-6)
    }

    @Test func `an outline lies in variables`() throws {
        let bench = try ProgramBench()
        try bench.values(.setVariable, "x", "0\n10\n10\n0")
        try bench.values(.setVariable, "y", "0\n0\n10\n10")
        try bench.report("AddStagePointsAsPolygon", "x", "y", 4.0)
        #expect(try bench.report("ReportNavItem") == [1, 5, 5, 4, 1])
        try bench.report("GetItemPointArray", 1, "px", "py")
        #expect(try bench.text(.getVariable, "px") == "0.000\n10.000\n10.000\n0.000\n0.000")
        try bench.values(.setVariable, "y", "0\n1")
        #expect(try bench.refusal("AddStagePointsAsPolygon", "x", "y", 0.0).contains("do not hold the corners"))
        try bench.report("AddCirclePolygon", 12.0, 3.0, 4.0)
        #expect(abs(try bench.report("ReportNavItem")[1] - 3) < 1e-9)
    }

    @Test func `a saved image becomes a map that is loaded again where it lay`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.moveStageTo, 100.0, 50.0)
        try bench.values(.view)
        #expect(try bench.refusal("NewMap").contains("not saved"))
        try bench.values(.openNewFile, "map.mrc")
        try bench.report("S", "A")
        #expect(try bench.refusal("NewMap", 0).contains("must be text"))
        #expect(try bench.report("NewMap", 0, "map.mrc") == [1])
        try bench.values(.closeFile)
        let places = try bench.numbers(.bufImageToStageMatrix, "A", 0)
        let picture = try bench.image("A")
        let item = try bench.report("ReportNavItem")
        #expect(abs(item[1] - 100) < 1e-9 && abs(item[2] - 50) < 1e-9 && item[4] == 2)
        try bench.values(.moveStageTo, 0.0, 0.0)
        try bench.report("LoadOtherMap", 1, "Q")
        #expect(try bench.image("Q") == picture)
        let again = try bench.numbers(.bufImageToStageMatrix, "Q", 0)
        #expect(zip(places, again).allSatisfy { abs($0 - $1) < 1e-6 })
        try bench.report("AddImagePosAsNavPoint", "Q", 5.0, 5.0)
        #expect(try bench.report("NavIndexItemDrawnOn", 2) == [1])
        #expect(try bench.refusal("LoadOtherMap", 2).contains("not a map"))
    }

    @Test func `a montage becomes a map with its overview`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.setMagIndex, 5)
        try bench.values(.openNewMontage, 2, 3, "mont.mrc")
        try bench.report("M")
        #expect(try bench.report("NewMap", 0, "overview") == [1])
        try bench.values(.closeFile)
        let (places, picture) = (try bench.numbers(.bufImageToStageMatrix, "B", 0), try bench.image("B"))
        try bench.report("LoadNavMap", "R")
        let loaded = try bench.image("R")
        #expect((loaded.width, loaded.height) == (picture.width, picture.height))
        #expect(zip(places, try bench.numbers(.bufImageToStageMatrix, "R", 0)).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func `the stage goes to an item and finds it again`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.setLowDoseMode, 1)
        try bench.values(.moveStageTo, 300.0, 200.0)
        try bench.values(.view)
        try bench.values(.openNewFile, "map.mrc")
        try bench.values(.save)
        try bench.report("NewMap")
        try bench.report("AddImagePosAsNavPoint", "A", 32.0, 32.0, 2.0)
        try bench.values(.moveStageTo, -300.0, 0.0)
        try bench.report("MoveToNavItem", 2)
        #expect(try bench.numbers(.reportStageXYZ).map { $0.rounded() } == [300, 200, 2])
        try bench.report("RealignToOtherItem", 2, 0)
        let truth = bench.column.truePosition
        #expect(abs(truth.x.micrometres - 300) < 0.06 && abs(truth.y.micrometres - 200) < 0.06)
        #expect(try bench.report("GetRealignToItemError").contains { abs($0) > 0.05 })
        #expect(bench.entries(.exposure).last?.preset == "V")
        try bench.report("AddStagePosAsNavPoint", -700.0, -700.0, 0.0)
        #expect(try bench.refusal("RealignToNavItem", 0).contains("failure 4"))
    }

    @Test func `nothing is acquired at items`() throws {
        let bench = try ProgramBench()
        #expect(try bench.refusal("ReportNextNavAcqItem").contains("must be acquiring"))
        #expect(try bench.report("ReportIfNavAcquiring") == [0, 0])
        #expect(try bench.told("SkipAcquiringNavItem").isEmpty)
    }

    @Test func `a table that was saved comes back`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.view)
        try bench.values(.openNewFile, "map.mrc")
        try bench.values(.save)
        try bench.report("NewMap", 0, "a map")
        try bench.report("AddImagePosAsNavPoint", "A", 7.0, 9.0, -1.5)
        try bench.report("SetItemAcquire", 2)
        try bench.report("SaveNavigator", "one.nav")
        let text = try String(contentsOfFile: bench.host("C/SerialEM/one.nav"), encoding: .utf8)
        #expect(text.hasPrefix("AdocVersion = 2.00\nLastSavedAs = C:\\SerialEM\\one.nav\n\n[Item = 1]\n"))
        let before = try (1...2).map { try bench.report("ReportOtherItem", .integer($0)) }
        try bench.report("CloseNavigator")
        try bench.report("ReadNavFile", "one.nav")
        let after = try (1...2).map { try bench.report("ReportOtherItem", .integer($0)) }
        #expect(zip(before.joined(), after.joined()).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(try bench.report("NavIndexItemDrawnOn", 2) == [1] && bench.report("ReportNumNavAcquire") == [1, 0])
        try bench.report("MergeNavFile", "one.nav")
        #expect(try bench.report("ReportNumTableItems") == [2])
        #expect(try bench.refusal("ReadNavFile", "none.nav").contains("does not exist"))
        #expect(try bench.refusal("ReadNavFile", "map.mrc").contains("not a Navigator file"))
        #expect(try bench.told("ReportNavFile") == [.text(#"C:\SerialEM\one.nav"#)])
    }
}
