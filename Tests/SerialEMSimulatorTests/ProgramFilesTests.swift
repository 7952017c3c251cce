import Foundation
import Imaging
import RunModel
import SerialEMSimulator
import Simulator
import Testing

@Suite struct ProgramFilesTests {
    @Test func `images are saved one after the other and come back`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.makeDirectory, #"D:\data\g1"#)
        try bench.values(.setDirectory, #"D:\data"#)
        try bench.values(.openNewFile, #"g1\views.mrc"#)
        var taken: [Image] = []
        for _ in 0..<3 {
            try bench.values(.view)
            taken.append(try bench.image("A"))
            try bench.values(.save)
        }
        #expect(try bench.numbers(.reportFileZsize) == [3])
        #expect(try bench.text(.reportCurrentFilename) == #"D:\data\g1\views.mrc"#)
        try bench.values(.closeFile, "now")
        let file = try MRCFile(path: bench.host("D/data/g1/views.mrc"))
        #expect(try (0..<3).map { try file.frame($0) } == taken)
        try bench.values(.readOtherFile, 1, "Q", #"g1\views.mrc"#)
        #expect(try bench.image("Q") == taken[1])
        #expect(try bench.numbers(.imageProperties, "Q")[5] == -1)
        #expect(try bench.problem(.closeFile, "again").contains("no open file"))
        #expect(try bench.numbers(.doesFileExist, #"g1\views.mrc"#) == [1])
        #expect(try bench.numbers(.doesFileExist, "views.mrc") == [0])
    }

    /// As SmartScope's reader takes an autodoc apart.
    private static func read(_ text: String) -> [[String: [String]]] {
        var blocks = text.components(separatedBy: "\n\n")
        let globals = blocks.removeFirst()
        return blocks.dropFirst(2).filter { !$0.contains("[MontSection =") }.map { block in
            var keys: [String: [String]] = [:]
            let text = globals + block
            var lines = text.components(separatedBy: "\n")
            lines.removeLast()
            for line in lines {
                let parts = line.components(separatedBy: " = ")
                guard parts.count == 2, parts[1].allSatisfy({ $0.isLetter || $0.isNumber || "_-.\\: ".contains($0) }) else {
                    continue
                }
                keys[parts[0]] = parts[1].split(separator: " ").map(String.init)
            }
            return keys
        }
    }

    @Test func `a reader that loses last lines still finds all that it needs`() throws {
        let bench = try ProgramBench.ready(size: 64)
        try bench.values(.goToImagingState, "atlas")
        try bench.values(.openNewMontage, 2, 2, "a.mrc")
        try bench.values(.montage)
        try bench.values(.addToAutodoc, "ImageToStageMatrix", "1 2 3 4 5 6")
        try bench.values(.writeAutodoc)
        let text = try String(contentsOfFile: bench.host("C/SerialEM/a.mrc.mdoc"), encoding: .utf8)
        let tiles = Self.read(text)
        #expect(tiles.count == 4)
        for tile in tiles {
            #expect(tile["PieceCoordinates"]?.count == 3 && tile["StagePosition"]?.count == 2)
            for key in ["PixelSpacing", "StageZ", "RotationAngle", "TiltAngle", "Binning", "OperatingMode", "Voltage"] {
                #expect(tile[key]?.count == 1, "\(key)")
            }
        }
        #expect(tiles.map { $0["PieceCoordinates"]! } != Array(repeating: tiles[0]["PieceCoordinates"]!, count: 4))
        #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
        #expect(MDoc(text).sections.last { $0.kind == "ZValue" }?.fields.last == MDocField("ImageToStageMatrix", "1 2 3 4 5 6"))
    }

    @Test(arguments: [
        #"\\server\..\x.mrc"#, #"\\..\share\x.mrc"#, #"\\server"#, "a:b.mrc", "x\u{0}y.mrc", #"C:..\x.mrc"#,
    ]) func `no path leads out of the folder`(_ name: String) throws {
        let bench = try ProgramBench.ready(size: 32)
        let before = try FileManager.default.contentsOfDirectory(atPath: bench.folder.url.deletingLastPathComponent().path)
        #expect(try bench.problem(.openNewFile, .text(name)).contains("not a path"))
        _ = try bench.problem(.makeDirectory, .text(name))
        _ = try bench.problem(.readOtherFile, 0, "Q", .text(name))
        let after = try FileManager.default.contentsOfDirectory(atPath: bench.folder.url.deletingLastPathComponent().path)
        #expect(Set(after).subtracting(before).allSatisfy { !$0.contains("x.mrc") })
    }

    @Test(arguments: [
        (#"C:\a\b.mrc"#, "C/a/b.mrc"), ("x:/a//b.mrc", "X/a/b.mrc"), (#"\\nas\em data\b.mrc"#, "nas/em data/b.mrc"),
        (#"sub\.\b.mrc"#, "C/SerialEM/sub/b.mrc"), (#"\top.mrc"#, "C/top.mrc"), (#"..\b.mrc"#, "C/b.mrc"),
        (#"C:\a\..\..\..\b.mrc"#, "C/b.mrc"), ("/../b.mrc", "C/b.mrc"), (#"c:\SERIALEM\b.mrc"#, "C/SerialEM/b.mrc"),
    ]) func `drives and servers are folders`(_ name: String, _ place: String) throws {
        let bench = try ProgramBench.ready(size: 32)
        let folder = name.replacingOccurrences(of: "/", with: "\\").components(separatedBy: "\\").dropLast().joined(
            separator: "\\")
        if folder.contains(where: { $0 != "\\" }) { try bench.values(.makeDirectory, .text(folder)) }
        try bench.values(.trial)
        try bench.values(.openNewFile, .text(name))
        try bench.values(.save)
        #expect(FileManager.default.fileExists(atPath: bench.host(place)))
        #expect(FileManager.default.fileExists(atPath: bench.host(place + ".mdoc")))
    }

    @Test func `capitals in paths make no difference`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.values(.makeDirectory, #"C:\Peer"#)
        try bench.values(.setDirectory, #"c:\PEER"#)
        try bench.values(.trial)
        try bench.values(.openNewFile, "One.mrc")
        try bench.values(.save)
        #expect(try bench.numbers(.isImageFileOpen, #"C:\peer\ONE.MRC"#) == [1])
        #expect(try bench.numbers(.doesFileExist, "oNE.mrc") == [1])
        #expect(try bench.problem(.openNewFile, "ONE.mrc").contains("already open"))
        try bench.values(.setDirectory, #"..\pEER\."#)
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.host("C")).sorted() == ["Peer", "SerialEM"])
    }

    @Test func `no words tell where the files really are`() throws {
        let bench = try ProgramBench.ready(size: 32)
        let text = try bench.problem(.readOtherFile, 0, "T", #"C:\SerialEM\missing one.mrc"#)
        #expect(!text.contains(bench.folder.path) && text.contains(#"C:\SerialEM\missing"#))
    }

    @Test func `a file that exists is not overwritten unless that is allowed`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.values(.trial)
        try bench.values(.openNewFile, "a.mrc")
        try bench.values(.save)
        try bench.values(.closeFile)
        #expect(try bench.problem(.openNewFile, "a.mrc").contains("already exists"))
        try bench.values(.allowFileOverwrite, 1)
        try bench.values(.openNewFile, "a.mrc")
        try bench.values(.save)
        #expect(try bench.numbers(.reportFileZsize) == [1])
        bench.program.controlEnded()
        try bench.values(.closeFile)
        #expect(try bench.problem(.openNewFile, "a.mrc").contains("already exists"))
    }

    @Test func `a file that was left open is begun again where overwriting is allowed`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.values(.goToImagingState, "atlas")
        try bench.values(.openNewMontage, 2, 1, "a.mrc")
        try bench.values(.montage)
        #expect(try bench.problem(.openNewMontage, 2, 1, "a.mrc").contains("already open"))
        try bench.values(.allowFileOverwrite, 1)
        try bench.values(.openNewMontage, 1, 1, "a.mrc")
        try bench.values(.montage)
        try bench.values(.closeFile)
        #expect(try MRCFile(path: bench.host("C/SerialEM/a.mrc")).frameCount == 1)
        #expect(try bench.numbers(.isImageFileOpen, "a.mrc") == [0])
    }

    @Test func `several files are open at once`() throws {
        let bench = try ProgramBench.ready(size: 32)
        try bench.values(.trial)
        try bench.values(.openNewFile, "a.mrc")
        try bench.values(.openNewFile, "b.mrc")
        try bench.values(.save, "A", 1)
        try bench.values(.save)
        #expect(try bench.numbers(.isImageFileOpen, "a.mrc") == [1])
        #expect(try bench.numbers(.isImageFileOpen, "b.mrc") == [2])
        #expect(try bench.numbers(.isImageFileOpen, "c.mrc") == [0])
        try bench.values(.closeFile)
        #expect(
            try bench.values(.reportCurrentFilename, 1)
                == [#"C:\SerialEM\a.mrc"#, "a", ".mrc", #"C:\SerialEM"#].map { .text($0) })
    }

    @Test func `what cannot be saved is told`() throws {
        let bench = try ProgramBench.ready(size: 32, faults: [SerialEMFault(.diskFull, command: "Save", number: 4)])
        #expect(try bench.problem(.save).contains("no image"))
        try bench.values(.trial)
        #expect(try bench.problem(.save).contains("no open file"))
        try bench.values(.openNewFile, "a.mrc")
        try bench.values(.save)
        #expect(try bench.problem(.save).contains("no space on the disk"))
        try bench.values(.cropCenterToSize, "A", 16, 16)
        #expect(try bench.problem(.save).contains("size"))
        #expect(try bench.problem(.addToAutodoc, "a=b", "c").contains("cannot be a key"))
        #expect(try bench.problem(.openNewFile, #"nowhere\b.mrc"#).contains("no folder"))
        #expect(try bench.problem(.setDirectory, #"C:\nowhere"#).hasPrefix("because of failure to change directory to"))
    }

    @Test func `an image half written cannot be read`() throws {
        let bench = try ProgramBench.ready(size: 32, columnFaults: [SimulatedFault(.halfWritten, times: 1)])
        try bench.values(.autoFocus, -1)
        try bench.values(.trial)
        try bench.values(.openNewFile, "a.mrc")
        try bench.values(.save)
        #expect(throws: ImagingError.self) { try MRCFile(path: bench.host("C/SerialEM/a.mrc")) }
    }

    @Test func `the free space of a folder is told`() throws {
        let bench = try ProgramBench()
        #expect(try bench.numbers(.reportFreeDiskSpace, #"C:\SerialEM"#)[0] > 0)
        #expect(try bench.problem(.reportFreeDiskSpace, #"Z:\none"#).contains("no such folder"))
    }
}
