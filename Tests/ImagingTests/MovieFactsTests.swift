import Foundation
import ImagingSamples
import Testing

@testable import Imaging

@Suite struct MovieFactsTests {
    @Test func `SerialEM's autodoc is found beside the movie and read`() throws {
        let facts = try Self.facts(
            [
                "movie.tif.mdoc": """
                T = SerialEM: Acquired on a microscope\r
                Voltage = 200\r
                \r
                [FrameSet = 0]\r
                PixelSpacing = 0.83\r
                ExposureDose = 1\r
                TargetDefocus = -1.8\r
                DividedBy2 = 1\r
                ExposureTime = 2.4\r
                NumSubFrames = 3\r
                FrameDosesAndNumber = 1.5 2 2 1\r
                GainReference = X:\\frames\\CountRef_1.dm4\r
                RotationAndFlip = 5\r
                DateTime = 2026\r
                """
            ])
        #expect(facts.pixelSize == 0.83 && facts.voltage == 200 && facts.dose == 5 && facts.defocus == -1.8)
        #expect(facts.frames == 3 && facts.exposureTime == 2.4 && facts.isDividedBy2)
        #expect(facts.gain == "CountRef_1.dm4" && facts.rotationAndFlip == 5)
        #expect(facts.sources == ["SerialEM's mdoc"])
    }

    @Test func `an autodoc with odd keys, Latin-1, decimal commas and no sections says what it can`() throws {
        let latin = Array(
            "[T = M\u{FC}ller = 3\nzweite Zeile]\npixelspacing = 1,25\nN = \n= 5\nÅngstr = x\nFrameDosesAndNumber = 0,5\n"
                .unicodeScalars
        )
        .map { UInt8(truncatingIfNeeded: $0.value) }
        let facts = try Self.facts(["movie.mdoc": latin])
        #expect(facts.pixelSize == 1.25 && facts.dose == nil)
        #expect(MDoc(bytes: latin).titles == ["M\u{FC}ller = 3"])
    }

    @Test(arguments: [
        "PixelSpacing = nan", "PixelSpacing = -1", "Voltage = 1e300", "RotationAndFlip = 99", "ExposureDose = 1 2 x", "",
    ])
    func `numbers that cannot be say nothing`(line: String) throws {
        let facts = try Self.facts(["movie.tif.mdoc": line])
        #expect(facts.voltage == nil && facts.rotationAndFlip == nil && facts.dose == nil && facts.pixelSize == nil)
        #expect(facts.sources.isEmpty)
    }

    @Test(arguments: [
        ("..", nil), (".", nil), ("/", nil), ("X:\\frames\\", nil), ("../..", nil), ("x/..", nil), (".hidden", nil),
        ("a\u{7}b", nil),
        ("../../etc/passwd", "passwd"), ("C:\\a b\\ref 1.dm4", "ref 1.dm4"), ("ref.mrc", "ref.mrc"),
    ])
    func `a gain reference is named by a plain file name`(value: String, name: String?) throws {
        #expect(try Self.facts(["movie.tif.mdoc": "GainReference = \(value)\n"]).gain == name)
    }

    @Test func `EPU's XML beside the fractions is read`() throws {
        let xml = """
            <?xml version="1.0"?><MicroscopeImage xmlns="http://schemas"><CustomData xmlns:a="http://arrays">
            <a:KeyValueOfstringanyType><a:Key>Dose</a:Key><a:Value i:type="b:double">4.05E+21</a:Value></a:KeyValueOfstringanyType>
            <a:KeyValueOfstringanyType><a:Key>AppliedDefocus</a:Key><a:Value>-1.2E-06</a:Value></a:KeyValueOfstringanyType></CustomData>
            <microscopeData><gun><AccelerationVoltage>200000</AccelerationVoltage></gun><optics><Defocus>-3e-6</Defocus></optics></microscopeData>
            <SpatialScale><pixelSize><x><numericValue>7.3E-11</numericValue></x><y><numericValue>9</numericValue></y></pixelSize></SpatialScale>
            </MicroscopeImage>
            """
        let facts = try Self.facts(["movie.xml": xml], movie: "movie_Fractions.tif")
        #expect(facts.voltage == 200 && abs((facts.pixelSize ?? 0) - 0.73) < 1e-9)
        #expect(abs((facts.dose ?? 0) - 40.5) < 1e-9 && abs((facts.defocus ?? 0) + 1.2) < 1e-9)
        #expect(facts.sources == ["EPU's XML"])
    }

    @Test(arguments: ["<", "<a><b", "</a></a>", "<a b='1>", "no markup at all", "<a>" + String(repeating: "<b>", count: 500)])
    func `XML that is cut off or wrong does no harm`(text: String) throws {
        #expect(try Self.facts(["movie.xml": text]).sources.isEmpty)
    }

    @Test(arguments: ["1e30", "1e308", "1e-30"]) func `a dose in a movie of electrons that cannot be is none`(total: String)
        throws
    {
        var sample = EERSample(width: 16, height: 16, frames: [[], []])
        sample.metadata = "<m><item name='sensorPixelSize.width'>1e-11</item><item name='totalDose'>\(total)</item></m>"
        let path = Fixtures.temporaryPath("movie.eer")
        try Data(sample.file).write(to: URL(fileURLWithPath: path))
        let facts = MovieFacts(of: try MovieFile.open(path: path))
        #expect(facts.dose == nil && facts.pixelSize.map { abs($0 - 0.1) < 1e-9 } == true)
    }

    @Test(arguments: [(84, 1e14), (92, 1e32), (220, 1.0), (156, 1.0)])
    func `numbers in a header that cannot be say nothing`(offset: Int, value: Double) throws {
        var header = [UInt8](repeating: 0, count: 768)
        let put = { (at: Int, word: UInt64, count: Int) in
            for i in 0..<count { header[at + i] = UInt8(truncatingIfNeeded: word >> UInt64(8 * i)) }
        }
        put(0, 768, 4)
        put(8, 1 << 5 | 1 << 6 | 1 << 14 | 1 << 22, 4)
        for (at, sane) in [(84, 2e5), (92, 4e21), (156, 1e-10), (220, -1e-6)] {
            put(at, (at == offset ? value : sane).bitPattern, 8)
        }
        let path = Fixtures.temporaryPath("movie.mrc")
        try MRCFile.write([Image(width: 4, height: 4, filledWith: 1)], to: path)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes.replaceSubrange(92..<96, with: [0, 3, 0, 0])
        bytes.replaceSubrange(104..<108, with: Array("FEI1".utf8))
        bytes.insert(contentsOf: header, at: 1024)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let facts = MovieFacts(of: try MovieFile.open(path: path))
        let found = [(84, facts.voltage), (92, facts.dose), (156, facts.pixelSize), (220, facts.defocus)]
        #expect(found.filter { $0.1 == nil }.map(\.0) == [offset])
    }

    private static func facts(_ files: [String: String], movie: String = "movie.tif") throws -> MovieFacts {
        try facts(files.mapValues { Array($0.utf8) }, movie: movie)
    }

    private static func facts(_ files: [String: [UInt8]], movie: String = "movie.tif") throws -> MovieFacts {
        let path = Fixtures.temporaryPath(movie)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        for (name, bytes) in files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
        try MRCFile.write([Image(width: 4, height: 4, filledWith: 1)], to: path)
        return MovieFacts(of: try MovieFile.open(path: path))
    }
}
