import Foundation
import Imaging
import Microscope
import RunModel
import Simulator
import TestSupport
import Testing

@testable import SerialEMSimulator

@Suite struct ProgramScriptFilesTests {
    @Test func `an old file is opened and gone on with`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.values(.trial)
        try bench.values(.openNewFile, "a.mrc")
        try bench.values(.save)
        try bench.values(.closeFile)
        try bench.report("OpenOldFile", "a.mrc")
        #expect(try bench.report("ReportFileNumber") == [1])
        try bench.values(.save)
        #expect(try bench.numbers(.reportFileZsize) == [2])
        try bench.report("ReadFile", 1, "Q")
        #expect(try bench.image("Q") == bench.image("A"))
        try bench.values(.closeFile)
        #expect(try bench.autodoc("C/SerialEM/a.mrc.mdoc").sections.count == 2)
        #expect(try MRCFile(path: bench.host("C/SerialEM/a.mrc")).frameCount == 2)
        #expect(try bench.refusal("OpenOldFile", "none.mrc").contains("does not exist"))
        #expect(try bench.report("ReportFileNumber") == [-1])
    }

    @Test func `an image is saved beside the open file`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.values(.trial)
        try bench.values(.openNewFile, "a.mrc")
        try bench.report("SaveToOtherFile", "A", "MRC", "NONE", "other.mrc")
        #expect(try MRCFile(path: bench.host("C/SerialEM/other.mrc")).frameCount == 1)
        #expect(try bench.numbers(.reportFileZsize) == [0])
        #expect(try bench.refusal("SaveToOtherFile", "A", "BMP", "NONE", "x.bmp").contains("not a kind of file"))
        try bench.report("RemoveFile", "other.mrc")
        #expect(try bench.numbers(.doesFileExist, "other.mrc") == [0])
        #expect(try bench.refusal("RemoveFile", "a.mrc").contains("is open"))
    }

    @Test func `several files are switched between`() throws {
        let bench = try ProgramBench.ready(size: 32)
        for name in ["a.mrc", "b.mrc"] { try bench.values(.openNewFile, .text(name)) }
        #expect(try bench.report("ReportNumOpenFiles") == [2])
        try bench.report("SwitchToFile", 1)
        #expect(try bench.text(.reportCurrentFilename).hasSuffix("a.mrc"))
        #expect(try bench.told("ReportOpenImageFile", 2) == [.text(#"C:\SerialEM\b.mrc"#)])
        #expect(try bench.refusal("SwitchToFile", 3).contains("no open file of number 3"))
    }

    @Test func `text files are written, read and closed`() throws {
        let bench = try ProgramBench()
        try bench.report("OpenTextFile", "log", "W", 0, "notes.txt")
        try bench.report("WriteLineToFile", "log", "first 1 2")
        try bench.report("WriteLineToFile", "log", "second")
        try bench.report("CloseTextFile", "log")
        #expect(try String(contentsOfFile: bench.host("C/SerialEM/notes.txt"), encoding: .utf8) == "first 1 2\nsecond\n")
        try bench.report("OpenTextFile", "in", "R", 0, "notes.txt")
        #expect(try bench.report("IsTextFileOpen", "in") == [1])
        #expect(try bench.report("ReadLineToArray", "in", "words") == [0])
        #expect(try bench.text(.getVariable, "words") == "first\n1\n2")
        try bench.report("ReadLineToString", "in", "line")
        #expect(try bench.report("ReadLineToString", "in", "line") == [-1])
        #expect(try bench.refusal("WriteLineToFile", "in", "x").contains("for reading only"))
        try bench.report("ReadTextFile", "all", "notes.txt")
        #expect(try bench.text(.getVariable, "all") == "first\n1\n2\nsecond")
        #expect(try bench.report("OpenTextFile", "no", "R", 1, "none.txt") == [1])
        #expect(try bench.refusal("OpenTextFile", "no", "R", 0, "none.txt").contains("cannot be read"))
    }

    @Test func `a reduced image keeps its place and its pixels grow`() throws {
        let bench = try ProgramBench.ready(size: 128)
        try bench.values(.view)
        let (whole, before) = (try bench.image("A"), try bench.numbers(.imageProperties, "A"))
        let middle = try bench.numbers(.bufImagePosToStagePos, "A", 0, 64.0, 64.0)
        try bench.report("ReduceImage", "A", 2.0)
        let after = try bench.numbers(.imageProperties, "A")
        #expect(after[0] == 64 && abs(after[4] - 2 * before[4]) < 1e-9 && after[2] == 2 * before[2])
        #expect(try bench.image("B") == whole)
        #expect(zip(middle, try bench.numbers(.bufImagePosToStagePos, "A", 0, 32.0, 32.0)).allSatisfy { abs($0 - $1) < 1e-6 })
        try bench.report("ReduceImage", "B", 1.6)
        #expect(try bench.numbers(.imageProperties, "A").prefix(2) == [80, 80])
        #expect(try bench.refusal("ReduceImage", "A", 0.5).contains("cannot be reduced"))
    }

    @Test func `a cropped part knows where it lies`() throws {
        let bench = try ProgramBench.ready(size: 128)
        try bench.values(.view)
        let place = try bench.numbers(.bufImagePosToStagePos, "A", 0, 30.0, 50.0)
        let whole = try bench.image("A")
        try bench.report("CropImage", "A", 20, 59, 40, 99)
        let part = try bench.image("A")
        #expect((part.width, part.height) == (40, 60))
        #expect(part[0, part.height - 1] == whole[20, 128 - 1 - 40])
        #expect(zip(place, try bench.numbers(.bufImagePosToStagePos, "A", 0, 10.0, 10.0)).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(try bench.refusal("CropImage", "B", 0, 200, 0, 10).contains("does not lie within"))
    }

    @Test func `counts of parts and of electrons are told`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.view)
        let image = try bench.image("A")
        #expect(abs(try bench.report("SubareaMean", 0, 63, 0, 63)[0] - image.statistics.mean) < 1e-3)
        let stats = try bench.report("ElectronStats", "A")
        #expect(stats[0] <= stats[2] && stats[2] <= stats[1])
        #expect(try bench.report("ReportMetadataValues", "A", "StagePosition").count == 2)
        #expect(try bench.told("ReportCurrentBuffer").first == .text("A"))
    }

    @Test func `a part of the chip is read where that is asked for`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.report("SetCameraArea", "V", "H")
        try bench.values(.view)
        #expect(try bench.numbers(.imageProperties, "A").prefix(2) == [32, 32])
        try bench.report("SetCenteredSize", "V", 2.0, 16, 20)
        try bench.values(.view)
        #expect(try bench.numbers(.imageProperties, "A").prefix(3) == [16, 20, 2])
        #expect(try bench.report("ReportCameraSetArea", "V") == [16, 20, 16, 48, 12, 52])
        try bench.report("SetK2ReadMode", "R", 2)
        #expect(try bench.report("ReportReadMode", "R") == [2])
        bench.program.controlEnded()
        try bench.values(.view)
        #expect(try bench.numbers(.imageProperties, "A").prefix(2) == [64, 64])
        #expect(try bench.refusal("SetCameraArea", "V", "X").contains("no area of"))
        #expect(try bench.refusal("SelectCamera", 2).contains("no active camera"))
    }

    @Test func `shorter frames make more of them`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.report("SetFrameTime", "R", 0.12)
        try bench.values(.setDoseFracParams, "R", 1, 1)
        try bench.values(.record)
        #expect(try bench.numbers(.reportNumFramesSaved) == [20])
    }

    @Test func `regular holes are found from the image alone`() throws {
        let bench = try ProgramFocusTests.onHole(size: 256)
        try bench.values(.view)
        let spacing = try bench.holeSpacing()
        let v = try bench.report("AutoCorrPeakVectors", "A", .real(spacing))
        let pixels = spacing * 10_000 / (try bench.numbers(.imageProperties, "A")[4] * 10)
        #expect(abs((v[0] * v[0] + v[1] * v[1]).squareRoot() - pixels) < 0.12 * pixels)
        #expect(abs(v[0] * v[2] + v[1] * v[3]) < 0.02 * pixels * pixels)
    }
}

extension ProgramBench {
    /// µm between the good holes of the square that is looked at.
    fileprivate func holeSpacing() throws -> Double {
        let holes = try specimen().holes(of: try #require(try specimen().squares.first { $0.targetClass == .good }))
        let first = try #require(holes.first)
        let nearest = holes.dropFirst().map { $0.position.distance(to: first.position) }.min()
        return try #require(nearest).micrometres
    }
}
