import Foundation
import Imaging
import Microscope
import RunModel
import SerialEMSimulator
import Simulator
import TestSupport
import Testing

@Suite struct ProgramFramesTests {
    private static func ready(columnFaults: [SimulatedFault] = [], faults: [SerialEMFault] = [], frames: FrameKind = .mrc)
        throws -> ProgramBench
    {
        let bench = try ProgramBench.ready(size: 64, columnFaults: columnFaults, faults: faults, frames: frames)
        try bench.values(.setFolderForFrames, #"X:\frames\s1"#)
        try bench.values(.setFrameBaseName, 1, 1, 0, "g1_h7")
        try bench.values(.setDoseFracParams, "R", 1, 1, 0)
        try bench.values(.setExposure, "R", 2.4)
        return bench
    }

    @Test func `a Record exposure saves ten frames under the name that was set`() throws {
        let bench = try Self.ready()
        try bench.values(.record)
        let file = try MRCFile(path: bench.host("X/frames/s1/g1_h7.mrc"))
        let pixelSize = try #require(file.pixelSize)
        #expect(file.frameCount == 10 && file.header.mode == .int16 && abs(pixelSize - 2) < 1e-4)
        #expect(
            try bench.values(.reportLastFrameFile)
                == [.text(#"X:\frames\s1\g1_h7.mrc"#), .text(#"X:\frames\s1"#), .text("g1_h7.mrc")])
        #expect(try bench.numbers(.reportNumFramesSaved) == [10])
        // 40 e/Å² over ten frames of 2 Å pixels, less what ice and foil take.
        let mean = try file.frame(4).statistics.mean
        #expect(mean > 3 && mean < 16.5)
        let sum = try bench.image("A").statistics.mean
        #expect(sum > 9 * mean && sum < 11 * mean)
    }

    @Test func `a camera of another kind saves the same frames as TIFF`() throws {
        let (mrc, tiff) = (try Self.ready(), try Self.ready(frames: .tiff))
        for bench in [mrc, tiff] { try bench.values(.record) }
        let movies = try [mrc.host("X/frames/s1/g1_h7.mrc"), tiff.host("X/frames/s1/g1_h7.tif")].map {
            try MovieFile.open(path: $0)
        }
        #expect(movies[1] is TIFFFile && movies[1].frameCount == 10 && abs((movies[1].pixelSize ?? 0) - 2) < 1e-4)
        #expect(try movies[0].frame(3) == movies[1].frame(3))
        #expect(try tiff.text(.reportLastFrameFile) == #"X:\frames\s1\g1_h7.tif"#)
        #expect(try tiff.autodoc("X/frames/s1/g1_h7.tif.mdoc").sections[0]["SubFramePath"] == #"X:\frames\s1\g1_h7.tif"#)
    }

    @Test func `a counting camera saves every electron of the same exposure`() throws {
        let (mrc, counting) = (try Self.ready(), try Self.ready(frames: .eer))
        for bench in [mrc, counting] { try bench.values(.record) }
        let frames = try MRCFile(path: mrc.host("X/frames/s1/g1_h7.mrc"))
        let path = counting.host("X/frames/s1/g1_h7.eer")
        let movie = try #require(try MovieFile.open(path: path, eer: EERSettings(grouping: .frames(1))) as? EERFile)
        let said = try counting.numbers(.reportNumFramesSaved)
        #expect(said == [Double(movie.rawFrameCount)] && movie.rawFrameCount >= 80)
        #expect(abs((movie.pixelSize ?? 0) - 2) < 1e-9)
        let (sum, all) = (try FrameAlignment.sum(frames), try FrameAlignment.sum(movie))
        #expect(abs(sum.statistics.mean / all.statistics.mean - 1) < 0.01)
        let doses = try counting.autodoc("X/frames/s1/g1_h7.eer.mdoc").sections[0].numbers("FrameDosesAndNumber")
        #expect(doses.count == 2 && doses[1] == Double(movie.rawFrameCount))
    }

    @Test func `the ledger shows the exposure from the moment the shutter opens`() throws {
        let bench = try Self.ready()
        try bench.values(.imageShiftByMicrons, 1.0, 0.0)
        try bench.values(.record)
        let shot = try #require(bench.entries(.exposure).first)
        #expect(shot.name == "g1_h7" && shot.preset == "R" && shot.frames == 10 && shot.grid == 1)
        #expect(shot.file == bench.host("X/frames/s1/g1_h7.mrc"))
        #expect(shot.imageShift == [1, 0])
        let saved = try #require(bench.entries(.saved).first)
        #expect(saved.at.seconds(since: shot.at) >= 2.39)
        let size = try FileManager.default.attributesOfItem(atPath: bench.host("X/frames/s1/g1_h7.mrc"))[.size] as? Int
        #expect(saved.bytes == size && shot.bytes == size)
    }

    @Test func `beside the frames lies their autodoc without titles`() throws {
        let bench = try Self.ready()
        try bench.values(.record)
        let text = try String(contentsOfFile: bench.host("X/frames/s1/g1_h7.mrc.mdoc"), encoding: .utf8)
        #expect(!text.contains("[T"))
        #expect(text.hasPrefix("T = "))
        let document = MDoc(text)
        #expect(document.sections.map(\.kind) == ["FrameSet"])
        #expect(document.sections[0]["SubFramePath"] == #"X:\frames\s1\g1_h7.mrc"#)
        #expect(document.sections[0].numbers("FrameDosesAndNumber") == [4, 10])
        #expect(document.sections[0].numbers("PixelSpacing") == [2])
        #expect(try bench.text(.reportMetadataString, "A", "SubFramePath") == #"X:\frames\s1\g1_h7.mrc"#)
    }

    @Test func `a name that is taken is counted up`() throws {
        let bench = try Self.ready()
        for _ in 0..<3 { try bench.values(.record) }
        #expect(try bench.text(.reportLastFrameFile).hasSuffix(#"\g1_h7_2.mrc"#))
        let names = try FileManager.default.contentsOfDirectory(atPath: bench.host("X/frames/s1")).sorted()
        #expect(names.filter { $0.hasSuffix(".mrc") } == ["g1_h7.mrc", "g1_h7_1.mrc", "g1_h7_2.mrc"])
        #expect(!names.contains { $0.hasPrefix(".") })
    }

    @Test func `closed valves keep the shutter closed`() throws {
        let bench = try Self.ready()
        try bench.values(.setColumnOrGunValve, 0)
        #expect(try bench.problem(.record).contains("valves are closed"))
        #expect(bench.entries(.exposure).isEmpty)
    }

    @Test func `valves that close before an exposure keep it from being taken`() throws {
        let bench = try Self.ready(columnFaults: [SimulatedFault(.valveShut, number: 1)])
        #expect(try bench.problem(.record).contains("valves are closed"))
        #expect(bench.entries(.exposure).isEmpty)
        #expect(!bench.column.areValvesOpen)
    }

    @Test func `on a full disk the exposure is made and its frames are not whole`() throws {
        let bench = try Self.ready(faults: [SerialEMFault(.diskFull, command: "Record")])
        #expect(try bench.problem(.record).contains("no space on the disk"))
        #expect(bench.entries(.exposure).count == 1)
        #expect(throws: ImagingError.self) { try MRCFile(path: bench.host("X/frames/s1/g1_h7.mrc")) }
        try bench.values(.record)
        #expect(bench.entries(.exposure).count == 2)
    }

    @Test func `a shot that returns early without an image leaves buffer A alone`() throws {
        let bench = try Self.ready()
        try bench.values(.trial)
        let before = try bench.image("A")
        try bench.values(.earlyReturnNextShot, 0)
        try bench.values(.record)
        #expect(try bench.image("A") == before)
        #expect(try bench.numbers(.reportNumFramesSaved) == [10])
        try bench.values(.record)
        #expect(try bench.image("A") != before)
    }

    @Test func `a shot may return with the sum of its first frames`() throws {
        let bench = try Self.ready()
        try bench.values(.earlyReturnNextShot, 3)
        try bench.values(.record)
        let file = try MRCFile(path: bench.host("X/frames/s1/g1_h7.mrc"))
        let first = try (0..<3).map { try file.frame($0) }
        #expect(try bench.image("A") == first[0].combined(with: first[1]) { $0 + $1 }.combined(with: first[2]) { $0 + $1 })
    }

    @Test func `Preview saves frames too where its set asks for them`() throws {
        let bench = try Self.ready()
        try bench.values(.setDoseFracParams, "P", 1, 1, 0)
        try bench.values(.setExposure, "P", 1.2)
        try bench.values(.preview)
        #expect(bench.entries(.exposure).map(\.preset) == ["P"])
        #expect(bench.entries(.exposure).map(\.frames) == [5])
    }

    @Test func `a tilt long after the last exposure does not throw the specimen away`() throws {
        let bench = try Self.ready()
        try bench.values(.setDoseFracParams, "R", 1, 1, 0)
        try bench.values(.setExposure, "R", 0.5)
        try bench.values(.record)
        bench.sleep(580)
        try bench.values(.tiltTo, 3.0)
        try bench.values(.record)
        #expect(try bench.image("A").statistics.mean > 0.5 * bench.image("B").statistics.mean)
    }

    @Test func `frames go to a whole path and nowhere else`() throws {
        let bench = try Self.ready()
        #expect(try bench.problem(.setFolderForFrames, "frames").contains("complete path"))
        try bench.values(.setFolderForFrames, #"X:\..\..\etc"#)
        #expect(FileManager.default.fileExists(atPath: bench.host("X/etc")))
        #expect(try bench.problem(.setFrameBaseName, 1, 1, 0, "../up").contains("file name"))
    }

    @Test func `a camera that is stuck hands over the last exposure to the last pixel`() throws {
        let bench = try Self.ready()
        try bench.values(.record)
        bench.column.add(SimulatedFault(.frozenImages, times: 1))
        try bench.values(.moveStageTo, 100.0, 0.0)
        try bench.values(.record)
        #expect(try bench.image("A") == bench.image("B"))
        try bench.values(.record)
        #expect(try bench.image("A") != bench.image("B"))
        #expect(bench.entries(.exposure).map { $0.stage?.first } == [0, 100, 100])
    }

    @Test func `a program that was started again still knows what frames were called`() throws {
        let bench = try Self.ready()
        let executor = bench.executor
        let column = SimulatedColumn(seed: 7, history: bench.column.ledger)
        let program = SimulatedSerialEM(
            column: column, camera: bench.camera, directory: bench.folder.path, clock: executor.clock,
            now: { Timestamp(virtual: executor.now.sinceStart) }, speed: 1)
        let client = program.clientCame()
        #expect(client == bench.client + 1)
        let outcome = try executor.complete {
            await program.run(SerialEMCommand.reportFrameBaseName.rawValue, [], client: client)
        }
        #expect(outcome == .done([.number(1), .text("g1_h7"), .number(0)]))
    }

    @Test func `nothing has been saved before the first exposure`() throws {
        let bench = try Self.ready()
        #expect(try bench.problem(.reportLastFrameFile).hasSuffix("\r\n\r\nReportLastFrameFile()"))
    }

    @Test func `a client that goes while the shutter is open does not close it`() throws {
        let bench = try Self.ready()
        let (program, client) = (bench.program, bench.client)
        let task = bench.executor.start { await program.run(SerialEMCommand.record.rawValue, [], client: client) }
        bench.sleep(2)
        program.clientWent(client)
        let second = program.clientCame()
        #expect(second == client + 1)
        #expect(try bench.executor.complete { try await task.value } == .done([]))
        #expect(bench.entries(.saved).count == 1)
        #expect(bench.column.ledger.filter { [.disconnect, .connect].contains($0.kind) }.map(\.client) == [1, 1, 2])
    }
}
